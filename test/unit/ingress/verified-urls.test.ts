import type { Tenant } from '@bbb-activity/app-ingress/tenant';
import { VerifiedUrls } from '@bbb-activity/app-ingress/verified-urls';
import { signedLegacyQuery, verifyLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = 1_795_471_485;
const SALT = 'plugin-salt';
const WINDOW = 15 * 60;

function tenant(accessUrlId: number, salts: readonly string[]): Tenant {
  return {
    accessUrlId,
    salts,
    kernelSecrets: [],
    bbbSecrets: [],
    hashAlgo: 'sha256',
    enabled: true,
    eventFilter: null,
    allowUntimed: false,
  };
}

const tenants = new Map([tenant(1, [SALT]), tenant(2, ['another'])].map((one) => [one.accessUrlId, one]));
const query = (accessUrlId = 1, timestamp: number | null = NOW, salt = SALT) =>
  signedLegacyQuery({ accessUrlId, meetingId: 'room', timestamp }, salt);

describe('URLs that are remembered', () => {
  it('are valid for as long as their time allows, whenever they were seen first', () => {
    const urls = new VerifiedUrls(tenants);
    const outcomeAt = (now: number) => urls.verify(query(), now).signed.outcome;
    expect([NOW, NOW + WINDOW, NOW + WINDOW + 1, NOW - WINDOW - 1, NOW].map(outcomeAt)).toEqual([
      'valid',
      'valid',
      'expired',
      'expired',
      'valid',
    ]);
    expect(urls.verify(query(1, null), NOW).signed.outcome).toBe('untimed');
    expect(urls.verify(query(1, null), NOW + 10 * WINDOW).signed.outcome).toBe('untimed');
  });

  it('help no other one: a change of a character, or the key of another access URL, is as bad as before', () => {
    const urls = new VerifiedUrls(tenants);
    expect(urls.verify(query(), NOW)).toMatchObject({ tenant: { accessUrlId: 1 }, signed: { outcome: 'valid' } });
    for (let at = 0; at < query().length; at += 1) {
      const changed = `${query().slice(0, at)}#${query().slice(at + 1)}`;
      expect(urls.verify(changed, NOW).signed.outcome).toMatch(/^(bad|missing)$/);
    }
    expect(urls.verify(query(2), NOW).signed.outcome).toBe('bad');
    expect(urls.verify(query(2, NOW, 'another'), NOW)).toMatchObject({
      tenant: { accessUrlId: 2 },
      signed: { outcome: 'valid' },
    });
  });

  it('law: what is remembered answers as a check of the whole query does, whatever stands behind the signature', () => {
    const urls = new VerifiedUrls(tenants);
    const part = fc.oneof(
      fc.constantFrom(
        '&checksum=',
        '?checksum=',
        '&au=2',
        '&mid=x',
        '&ts=1',
        '&sig=',
        '&',
        '=',
        'checksum=ab',
        '%26checksum=',
        '#',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        fc.boolean(),
        fc.integer({ min: -1_000, max: 1_000 }),
        (parts, timed, late) => {
          const whole = `${query(1, timed ? NOW : null)}${parts.join('')}`;
          const expected = verifyLegacyUrl({ query: whole, salts: [SALT], algorithms: ['sha256'], now: NOW + late });
          // `au` told twice names nobody, so that no salt is tried.
          for (let round = 0; round < 2; round += 1) expect(urls.verify(whole, NOW + late).signed).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
