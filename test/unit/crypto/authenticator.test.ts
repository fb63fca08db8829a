import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';

const [former, next] = ['former-secret-key-of-at-least-32-characters', 'next-secret-key-of-at-least-32-characters'];

test('the newest key signs, and every configured key checks', () => {
  const signature = createAuthenticator([former], 'audit').sign('text');
  const both = createAuthenticator([next, former], 'audit');
  expect(both.check('text', signature)).toBe('right');
  expect(both.check('other text', signature)).toBe('wrong');
  expect(both.sign('text')).not.toEqual(signature);
  expect(createAuthenticator([next], 'audit').check('text', both.sign('text'))).toBe('right');
  expect(createAuthenticator([next], 'audit').check('text', signature)).toBe('unknown-key');
});

test('a signature of one use does not count in another', () => {
  const { mac } = createAuthenticator([former], 'audit').sign('text');
  const other = createAuthenticator([former], 'something else');
  expect(other.check('text', { mac, keyId: other.sign('text').keyId })).toBe('wrong');
});
