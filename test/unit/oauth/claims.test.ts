import { expect, test } from 'vitest';
import type { OAuthAccount } from '../../../src/oauth/account-source.js';
import { claimsOf } from '../../../src/oauth/claims.js';

const alice: OAuthAccount = {
  id: '01a21000-0000-7000-8000-000000000001',
  username: 'alice',
  email: 'alice@example.org',
  emailVerifiedAt: new Date(0),
  name: 'Alice Pleasance Liddell',
  status: 'ACTIVE',
  roles: [],
  profile: { birthYear: 1990, languageCode: 'en' },
  updatedAt: new Date(1_700_000_000_123),
};

test('an account becomes standard claims of the right types', () => {
  expect(claimsOf(alice)).toEqual({
    sub: alice.id,
    username: 'alice',
    preferred_username: 'alice',
    name: 'Alice Pleasance Liddell',
    given_name: 'Alice',
    family_name: 'Pleasance Liddell',
    email: 'alice@example.org',
    email_verified: true,
    birthdate: '1990',
    locale: 'en',
    updated_at: 1_700_000_000,
  });
});

test('what is not known is left out rather than null or empty', () => {
  const claims = claimsOf({ ...alice, name: 'Plato', emailVerifiedAt: null, profile: { birthYear: null } });
  expect(claims).not.toHaveProperty('family_name');
  expect(claims).not.toHaveProperty('birthdate');
  expect(claims).not.toHaveProperty('locale');
  expect(claims).toMatchObject({ given_name: 'Plato', email_verified: false });
  expect(Object.values(claims)).not.toContain('');
  expect(Object.values(claims)).not.toContain(null);
});

test('gender, language and year are in the words of OpenID Connect, or not there', () => {
  const profile = (part: OAuthAccount['profile']) => claimsOf({ ...alice, profile: part });
  expect(profile({ gender: 'f', languageCode: 'pt_br' })).toMatchObject({ gender: 'female', locale: 'pt-BR' });
  expect(profile({ gender: 'non-binary' })).toMatchObject({ gender: 'non-binary' });
  for (const part of [{ gender: ' ' }, { languageCode: 'not a language' }, { birthYear: 199 }, { birthYear: 3000 }])
    expect(Object.keys(profile(part))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/gender|locale|birth/)]),
    );
});

test('a person whose name is the word for nothing has no name claims', () => {
  expect(claimsOf({ ...alice, name: 'null' })).not.toHaveProperty('name');
});
