import { createHmac } from 'node:crypto';
import { type LegacyCheck, signedLegacyQuery, signLegacyUrl, verifyLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import { EmptySecretError } from '@bbb-activity/signatures/secrets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = 1_795_471_485;
const SALT = 'plugin-salt';

function verify(query: string, change: Partial<LegacyCheck> = {}) {
  return verifyLegacyUrl({ query, salts: [SALT], now: NOW, ...change });
}

function query(change: Partial<Parameters<typeof signLegacyUrl>[0]> = {}, algorithm: 'sha1' | 'sha256' = 'sha256') {
  return signedLegacyQuery({ accessUrlId: 1, meetingId: 'room', timestamp: NOW, ...change }, SALT, algorithm);
}

describe('the legacy URL', () => {
  it('is valid as a platform signed it, with the sender checksum behind it', () => {
    const recorded =
      'au=1&mid=&ts=1795471485&sig=f1c079bba987b5f00c5f10c1d551008de7d04502aba1f0deaedcb17a4af00e7e&checksum=bb9923e9d862dff6cbec6f26b78d61a6df22673b';
    expect(verify(recorded)).toEqual({ outcome: 'valid', accessUrlId: 1, meetingId: '', timestamp: NOW });
  });

  it('is signed over "au|mid|ts" with either algorithm, in hex of any case', () => {
    for (const algorithm of ['sha1', 'sha256'] as const) {
      const expected = createHmac(algorithm, SALT).update(`7|room|${NOW}`).digest('hex');
      expect(signLegacyUrl({ accessUrlId: 7, meetingId: 'room', timestamp: NOW }, SALT, algorithm)).toBe(expected);
      expect(verify(`?au=7&mid=room&ts=${NOW}&sig=${expected.toUpperCase()}`).outcome).toBe('valid');
    }
  });

  it('accepts only the algorithms it is given', () => {
    expect(verify(query({}, 'sha1'), { algorithms: ['sha256'] }).outcome).toBe('bad');
    expect(verify(query({}, 'sha1'), { algorithms: ['sha1'] }).outcome).toBe('valid');
  });

  it('accepts any of several salts, and never an empty one', () => {
    expect(verify(query(), { salts: ['new-salt', SALT] }).outcome).toBe('valid');
    expect(verify(query(), { salts: ['new-salt'] }).outcome).toBe('bad');
    const signature = createHmac('sha256', '').update(`1|room|${NOW}`).digest('hex');
    expect(verify(`au=1&mid=room&ts=${NOW}&sig=${signature}`, { salts: ['', SALT] }).outcome).toBe('bad');
    expect(() => signLegacyUrl({ accessUrlId: 1, meetingId: '', timestamp: 1 }, '')).toThrow(EmptySecretError);
  });

  it.each([-900, -1, 0, 1, 900])('is valid %i s from now', (offset) => {
    expect(verify(query({ timestamp: NOW + offset })).outcome).toBe('valid');
  });

  it.each([-901, 901, -86_400])('is expired %i s from now, with all that it tells', (offset) => {
    expect(verify(query({ timestamp: NOW + offset }))).toEqual({
      outcome: 'expired',
      accessUrlId: 1,
      meetingId: 'room',
      timestamp: NOW + offset,
    });
  });

  it('tells the variant without time from the timed one', () => {
    expect(verify(query({ timestamp: null }))).toEqual({
      outcome: 'untimed',
      accessUrlId: 1,
      meetingId: 'room',
      timestamp: null,
    });
  });

  it('does not take a timed signature for that of an untimed meeting named "room|time"', () => {
    const signature = signLegacyUrl({ accessUrlId: 1, meetingId: 'room', timestamp: NOW }, SALT);
    expect(verify(`au=1&mid=${encodeURIComponent(`room|${NOW}`)}&sig=${signature}`).outcome).toBe('bad');
  });

  it.each(['', 'mid=room', 'au=1&mid=room&ts=1', 'mid=room&ts=1&sig=ab', 'au=&sig='])('misses fields in "%s"', (text) => {
    expect(verify(text).outcome).toBe('missing');
  });

  it.each(['+1795471485', '-1', '1795471485.0', '1.795471485e9', '0x6b049b3d', ' 1795471485', '', '1795471485000000'])(
    'refuses the time "%s", even signed',
    (time) => {
      const signature = createHmac('sha256', SALT).update(`1|room|${time}`).digest('hex');
      expect(verify(`au=1&mid=room&ts=${encodeURIComponent(time)}&sig=${signature}`).outcome).toBe('bad');
    },
  );

  it.each(['0', '01', '-1', '1.0', '2147483648', 'abc'])('refuses the access URL "%s", even signed', (accessUrl) => {
    const signature = createHmac('sha256', SALT).update(`${accessUrl}|room|${NOW}`).digest('hex');
    expect(verify(`au=${accessUrl}&mid=room&ts=${NOW}&sig=${signature}`).outcome).toBe('bad');
  });

  it.each(['au=1', 'mid=room', `ts=${NOW}`, 'sig=ab'])('refuses a doubled %s', (extra) => {
    expect(verify(`${query()}&${extra}`).outcome).toBe('bad');
    expect(verify(`${extra}&${query()}`).outcome).toBe('bad');
  });

  it('holds: what is signed verifies, and any other subject does not', () => {
    const subject = fc.record({
      accessUrlId: fc.integer({ min: 1, max: 2_147_483_647 }),
      meetingId: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(subject, subject, (signed, other) => {
        const signature = signLegacyUrl({ ...signed, timestamp: NOW }, SALT);
        const asked = (s: typeof signed) =>
          verify(`au=${s.accessUrlId}&mid=${encodeURIComponent(s.meetingId)}&ts=${NOW}&sig=${signature}`);
        expect(asked(signed)).toMatchObject({ outcome: 'valid', ...signed });
        const same = signed.accessUrlId === other.accessUrlId && signed.meetingId === other.meetingId;
        expect(asked(other).outcome).toBe(same ? 'valid' : 'bad');
      }),
    );
  });

  it('holds: no query makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['missing', 'bad']).toContain(verify(text).outcome);
      }),
    );
  });
});
