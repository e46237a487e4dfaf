import { createHmac } from 'node:crypto';
import { type ModernCheck, signModern, verifyModern } from '@bbb-activity/signatures/modern-header';
import { describe, expect, it } from 'vitest';

const NOW = 1_795_471_485;
const BODY = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
const SECRET = 'kernel-secret';

function verify(change: Partial<ModernCheck> = {}) {
  const signature = signModern(NOW, BODY, SECRET);
  return verifyModern({ timestamp: String(NOW), signature, rawBody: BODY, secrets: [SECRET], now: NOW, ...change });
}

describe('the modern header', () => {
  it('signs "timestamp\\nbody" over the raw bytes', () => {
    const expected = createHmac('sha256', SECRET)
      .update(Buffer.concat([Buffer.from(`${NOW}\n`), BODY]))
      .digest('hex');
    expect(signModern(NOW, BODY, SECRET)).toBe(expected);
    expect(verify()).toEqual({ outcome: 'valid', timestamp: NOW });
  });

  it('is valid with v1= before it, in capitals, and of any of several secrets', () => {
    const signature = signModern(NOW, BODY, SECRET);
    expect(verify({ signature: `v1=${signature}` }).outcome).toBe('valid');
    expect(verify({ signature: signature.toUpperCase() }).outcome).toBe('valid');
    expect(verify({ secrets: ['other', SECRET] }).outcome).toBe('valid');
  });

  it.each([
    [300, 'valid'],
    [301, 'expired'],
    [-300, 'valid'],
    [-301, 'expired'],
  ])('%i s after it was signed is %s', (age, outcome) => {
    expect(verify({ now: NOW + age }).outcome).toBe(outcome);
  });

  it('is missing without either header', () => {
    expect(verify({ timestamp: null }).outcome).toBe('missing');
    expect(verify({ signature: null }).outcome).toBe('missing');
    expect(verify({ signature: 'v1=' }).outcome).toBe('missing');
  });

  it('is bad for another body, secret, time or spelling', () => {
    expect(verify({ rawBody: Buffer.from('{}') }).outcome).toBe('bad');
    expect(verify({ secrets: ['other'] }).outcome).toBe('bad');
    expect(verify({ secrets: [''] }).outcome).toBe('bad');
    expect(verify({ secrets: [] }).outcome).toBe('bad');
    expect(verify({ timestamp: String(NOW + 1) }).outcome).toBe('bad');
    expect(verify({ timestamp: `${NOW}.0` }).outcome).toBe('bad');
    expect(verify({ signature: 'zz' }).outcome).toBe('bad');
    expect(verify({ signature: `v2=${signModern(NOW, BODY, SECRET)}` }).outcome).toBe('bad');
  });
});
