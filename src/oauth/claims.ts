import type { Account, AccountClaims, Client } from 'oidc-provider';
import { splitName } from '../services/account/person-name.js';
import type { OAuthAccount } from './account-source.js';

/** Which claims each scope opens. Nothing that is not named here ever leaves the server. */
export const claimsByScope = {
  /** `amr` tells in ID tokens how the person signed in (RFC 8176). */
  openid: ['sub', 'amr'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'gender', 'birthdate', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  'user:read': ['username', 'name', 'email'],
} as const;

/**
 * An account as the provider wants it.
 *
 * @param client - whom it is for. One with pairwise names must not be able to compare people with other clients; and none is
 * told by a token what it may not ask for any more
 */
export function toProviderAccount(
  account: OAuthAccount,
  client: Pick<Client, 'subjectType' | 'scope'> | undefined,
): Account {
  const isPairwise = client?.subjectType === 'pairwise';
  const registered = client?.scope?.split(' ');
  const isTold = (claim: string) => {
    if (isPairwise && (claim === 'username' || claim === 'preferred_username')) return false;
    const scopes = scopesOpening(claim);
    return !registered || scopes.length === 0 || scopes.some((scope) => registered.includes(scope));
  };
  const claims = async (): Promise<AccountClaims> => {
    const { sub, ...others } = claimsOf(account);
    return { sub, ...Object.fromEntries(Object.entries(others).filter(([claim]) => isTold(claim))) };
  };
  return { accountId: account.id, claims };
}

/**
 * The one mapping of an account to claims (OpenID Connect Core 5.1), each of the type that clients are promised. A claim without
 * a value is left out: clients must not be sent null, an empty text or the word for nothing.
 */
export function claimsOf(account: OAuthAccount): AccountClaims {
  const { given, family } = splitName(account.name);
  const { profile } = account;
  const texts = {
    username: account.username,
    preferred_username: account.username,
    name: account.name,
    given_name: given,
    family_name: family,
    email: account.email,
    gender: profile.gender && (genders.get(profile.gender.toLowerCase()) ?? profile.gender),
    birthdate: birthdateOf(profile.birthYear),
    locale: languageTagOf(profile.languageCode),
  };
  const present = Object.entries(texts).filter(([, text]) => text && text.trim() !== '' && text !== 'null');
  return {
    sub: account.id,
    ...Object.fromEntries(present),
    email_verified: account.emailVerifiedAt instanceof Date,
    updated_at: Math.floor(account.updatedAt.getTime() / 1000),
  };
}

/** The codes of Open edX, in the words of OpenID Connect; it has none for what else people say. */
const genders = new Map([
  ['f', 'female'],
  ['m', 'male'],
]);

/** A year alone is a birthdate too; one that nobody alive was born in is a slip of the keyboard. */
function birthdateOf(year: number | null | undefined): string | undefined {
  const isPossible = Number.isInteger(year) && Number(year) >= 1850 && Number(year) <= new Date().getUTCFullYear();
  return isPossible ? String(year) : undefined;
}

/** A language as BCP 47 writes it: `pt-BR`, not `pt_br`. */
function languageTagOf(code: string | null | undefined): string | undefined {
  try {
    return code ? Intl.getCanonicalLocales(code.replaceAll('_', '-'))[0] : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The claims that a `claims` parameter asks for by name (OpenID Connect Core 5.5), of those there are.
 *
 * @param parameter - the parameter as it came; the provider has refused what is no JSON object
 */
export function claimsAskedFor(parameter: unknown): string[] {
  if (typeof parameter !== 'string') return [];
  const request: unknown = JSON.parse(parameter);
  const parts: unknown[] = request instanceof Object ? Object.values(request) : [];
  const names = parts.flatMap((part) => (part instanceof Object ? Object.keys(part) : []));
  return [...new Set(names)].filter((name) => scopesOpening(name).length > 0);
}

/** The scopes of which each opens a claim to a client. None opens what tells nothing of a person, and `openid` does not count. */
export function scopesOpening(claim: string): string[] {
  return Object.entries<readonly string[]>(claimsByScope)
    .filter(([scope, claims]) => scope !== 'openid' && claims.includes(claim))
    .map(([scope]) => scope);
}
