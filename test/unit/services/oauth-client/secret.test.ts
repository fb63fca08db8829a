import { expect, test } from 'vitest';
import {
  generateClientId,
  generateClientSecret,
  hashClientSecret,
  isClientSecret,
  secretHint,
} from '../../../../src/services/oauth-client/secret.js';

const [newKey, oldKey] = ['n'.repeat(32), 'o'.repeat(32)];

test('a secret is recognized by its hash, and no other is', () => {
  const secret = generateClientSecret();
  const hash = hashClientSecret([newKey], secret);
  expect(hash).toMatch(/^v1\$[\w-]{8}\$[\w-]{43}$/);
  expect(isClientSecret([newKey], secret, hash)).toBe(true);
  for (const other of [generateClientSecret(), '', hash, secret.slice(1), `${secret}x`])
    expect(isClientSecret([newKey], other, hash)).toBe(false);
});

test('a hash by an older key is recognized as long as that key is configured', () => {
  const hash = hashClientSecret([oldKey], 'secret');
  expect(isClientSecret([newKey, oldKey], 'secret', hash)).toBe(true);
  expect(isClientSecret([newKey], 'secret', hash)).toBe(false);
});

test.each(['', 'v1', 'v1$$', 'v2$a$b', 'plain'])('a stored value that is no hash matches nothing: %s', (stored) => {
  for (const secret of ['', 'plain', stored]) expect(isClientSecret([newKey], secret, stored)).toBe(false);
});

test('ids and secrets survive Basic authentication, forms and shells as they are', () => {
  for (let count = 0; count < 200; count++) {
    expect(generateClientId()).toMatch(/^[A-Za-z][A-Za-z0-9_-]{20}$/);
    expect(generateClientSecret()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  }
  expect(secretHint('abcdefgh')).toBe('efgh');
});
