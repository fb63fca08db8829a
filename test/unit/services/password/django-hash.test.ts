import { describe, expect, test } from 'vitest';
import { isDjangoPassword, parseDjangoHash } from '../../../../src/services/password/django-hash.js';
import { createPasswordHasher } from '../../../../src/services/password/hash.js';
import { testPasswordCost } from '../../../support/settings.js';

const password = 'pässword-9 x';
/** Made by Django 5.2 of that password, with low costs. */
const hashes = {
  pbkdf2_sha256: 'pbkdf2_sha256$1000$HxcasUu4lCuSwYnW5qmxeO$7rkMuaqx8EwfwFC73m1T8FiSeO733BcW+YJ1dDZeTaM=',
  pbkdf2_sha1: 'pbkdf2_sha1$1000$6tNqDf1XVD5wSjA5VfFEXy$uIQmFONL6ZsF79s3ZzbP5917Ahw=',
  argon2:
    'argon2$argon2id$v=19$m=1024,t=2,p=8$WW9adlVTaTY0cFdZYnp3ekZVaHpBMw$pwiaXItHBSGfwNS3SER9QxoxDn9mxIt2EbOq03pfhdE',
  bcrypt_sha256: 'bcrypt_sha256$$2b$05$inR.f6.5gWsQS6rnwpi0WOuoaPZlPDUKdN70Op7UfD3GN./DZbgxq',
  bcrypt: 'bcrypt$$2b$05$u4gOVECBM90wr6PzKKfNFu6U4VLPM5cfV0sqdowPYOC5PmtoscbF.',
};

describe.each(Object.entries(hashes))('a hash of Django by %s', (_, hash) => {
  test('is kept as it is', () => expect(parseDjangoHash(` ${hash}\n`)).toBe(hash));
  test('is that of its password and of no other', async () => {
    expect(await isDjangoPassword(hash, password)).toBe(true);
    expect(await isDjangoPassword(hash, `${password} `)).toBe(false);
    expect(await isDjangoPassword(hash, '')).toBe(false);
  });
  test('counts as outdated as soon as it was right', async () => {
    const hasher = createPasswordHasher({ cost: testPasswordCost });
    expect(await hasher.verify(hash, password, '')).toEqual({ isRight: true, isOutdated: true });
    expect(await hasher.verify(hash, 'another', '')).toEqual({ isRight: false, isOutdated: false });
  });
});

test.each(['', '!', '!UWwaR39nD6BUmcdS5tFp4QkEOgp5L11hKyeEiCrp'])('“%s” is no usable password', (field) =>
  expect(parseDjangoHash(field)).toBeNull(),
);

test.each([
  ['plain text', 'secret'],
  ['an algorithm of another kind', 'md5$salt$0123456789abcdef0123456789abcdef'],
  ['the name of a property of every object', 'constructor$1$2$3'],
  ['a hash of ours', '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g'],
  ['a PBKDF2 that would take minutes', hashes.pbkdf2_sha256.replace('$1000$', '$90000000$')],
  ['a bcrypt that would take minutes', hashes.bcrypt.replace('$05$', '$31$')],
  ['an argon2 that would take all memory', hashes.argon2.replace('m=1024', 'm=9999999')],
  ['a cut one', hashes.pbkdf2_sha256.slice(0, 40)],
])('%s is refused', (_, field) => {
  expect(() => parseDjangoHash(field)).toThrow(expect.objectContaining({ reason: 'PASSWORD_HASH_UNKNOWN' }));
});
