import { createHash } from 'node:crypto';
import { apiChecksum, signedApiQuery } from '@bbb-activity/signatures/api-checksum';
import { bearerHeader, verifyBearer } from '@bbb-activity/signatures/bearer';
import { equalsHex, equalsSecret } from '@bbb-activity/signatures/constant-time';
import { EmptySecretError } from '@bbb-activity/signatures/secrets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the bearer', () => {
  it('is verified against every secret, whatever the case of its scheme', () => {
    expect(verifyBearer(bearerHeader('one'), ['two', 'one'])).toBe(true);
    expect(verifyBearer('bearer  one ', ['one'])).toBe(true);
  });

  it.each([null, '', 'Bearer', 'Bearer ', 'Bearer onetwo', 'Bearer on', 'Basic one', 'one'])('is not "%s"', (header) => {
    expect(verifyBearer(header, ['one', ''])).toBe(false);
  });
});

describe('the checksum of an API call', () => {
  it('is over call, query and secret', () => {
    const query = 'callbackURL=https%3A%2F%2Fh%2F&meetingID=a+b';
    const sha1 = createHash('sha1').update(`hooks/create${query}secret`).digest('hex');
    expect(apiChecksum('hooks/create', query, 'secret')).toBe(sha1);
    expect(signedApiQuery('hooks/create', query, 'secret')).toBe(`${query}&checksum=${sha1}`);
    const sha512 = createHash('sha512').update('hooks/listsecret').digest('hex');
    expect(signedApiQuery('hooks/list', '', 'secret', 'sha512')).toBe(`checksum=${sha512}`);
  });

  it('is never made with an empty secret', () => {
    expect(() => apiChecksum('hooks/list', '', '')).toThrow(EmptySecretError);
    expect(() => bearerHeader('')).toThrow(EmptySecretError);
  });
});

describe('comparing', () => {
  it('holds: hex equals exactly the bytes it spells, secrets exactly themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64, minLength: 1 }), fc.string(), fc.string(), (array, one, other) => {
        const bytes = Buffer.from(array);
        expect(equalsHex(bytes.toString('hex').toUpperCase(), bytes)).toBe(true);
        expect(equalsHex(`${bytes.toString('hex').slice(0, -1)}g`, bytes)).toBe(false);
        expect(equalsHex(one, bytes)).toBe(one.toLowerCase() === bytes.toString('hex'));
        expect(equalsSecret(one, other)).toBe(one === other);
      }),
    );
  });
});
