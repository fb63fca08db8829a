import type { Account, AccountClaims } from 'oidc-provider';
import { splitName } from '../services/account/person-name.js';
import type { OAuthAccount } from './account-source.js';

/** Which claims each scope opens. Nothing that is not named here ever leaves the server. */
export const claimsByScope = {
  /** `amr` tells in ID tokens how the person signed in (RFC 8176). */
  openid: ['sub', 'amr'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'birthdate', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  'user:read': ['username', 'name', 'email'],
} as const;

/**
 * An account as the provider wants it.
 *
 * @param isPairwise - whether it is for a client that must not be able to compare people with other clients
 */
export function toProviderAccount(account: OAuthAccount, isPairwise: boolean): Account {
  const claims = async () => {
    const { username, preferred_username: preferred, ...others } = claimsOf(account);
    return isPairwise ? others : { ...others, username, preferred_username: preferred };
  };
  return { accountId: account.id, claims };
}

/**
 * The one mapping of an account to claims (OpenID Connect Core 5.1). A claim without a value is left out: clients must not be
 * sent null or an empty string.
 */
export function claimsOf(account: OAuthAccount): AccountClaims {
  const { given, family } = splitName(account.name);
  const claims = {
    sub: account.id,
    username: account.username,
    preferred_username: account.username,
    name: account.name,
    given_name: given,
    family_name: family,
    email: account.email,
    email_verified: account.emailVerifiedAt instanceof Date,
    birthdate: account.profile.birthYear ? String(account.profile.birthYear) : undefined,
    locale: account.profile.languageCode,
    updated_at: Math.floor(account.updatedAt.getTime() / 1000),
  };
  const present = Object.entries(claims).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return { sub: account.id, ...Object.fromEntries(present) };
}
