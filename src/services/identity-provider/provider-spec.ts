import { createPublicKey } from 'node:crypto';
import { isLoopbackHost } from '../../datasources/identity-provider/loopback.js';
import type { IdentityProviderKind } from '../../entities/identity-provider.entity.js';
import { InvalidInputError } from '../../errors.js';

/** A provider as somebody wants it. What is left out of one that is there stays as it is. */
export interface IdentityProviderSpec {
  slug: string;
  organizationKey: string;
  kind: IdentityProviderKind;
  label: string;
  issuer: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  scopes?: readonly string[] | undefined;
  ssoUrl?: string | undefined;
  certificates?: readonly string[] | undefined;
  keyClaim: string;
  isEnabled?: boolean | undefined;
}

/** What an OpenID provider is asked for, unless said otherwise. */
export const usualScopes = ['openid', 'profile', 'email'];

const slugGrammar = /^[a-z0-9][a-z0-9-]{0,62}$/;
const scopeGrammar = /^[\x21\x23-\x5B\x5D-\x7E]{1,100}$/;

/**
 * Checks what a provider shall be.
 *
 * @param mayBeLoopback - whether it may be on this very machine, then by plain http
 * @throws {@link InvalidInputError} naming the field
 */
export function requireProviderSpec(spec: IdentityProviderSpec, mayBeLoopback: boolean): void {
  const { slug, label, keyClaim } = spec;
  if (!slugGrammar.test(slug))
    throw refuse('slug', 'The slug has 1 to 63 small letters, digits and hyphens, and begins with a letter or digit.');
  // Its address is that of the page for newcomers.
  if (slug === 'new') throw refuse('slug', 'Choose another slug than “new”.');
  if (label.trim() === '' || label.length > 60) throw refuse('label', 'The label has 1 to 60 characters.');
  if (keyClaim.trim() === '' || keyClaim.length > 255)
    throw refuse('keyClaim', 'Name the claim that carries the key of a learner, e.g. student_key.');
  if (spec.kind === 'SAML') requireSaml(spec, mayBeLoopback);
  else requireOpenId(spec, mayBeLoopback);
}

function requireOpenId({ issuer, clientId, scopes = usualScopes }: IdentityProviderSpec, mayBeLoopback: boolean): void {
  requireUrl(issuer, 'issuer', mayBeLoopback);
  if (!clientId?.trim() || clientId.length > 255)
    throw refuse('clientId', 'Say by which client id the provider knows Portico.');
  if (!scopes.includes('openid') || scopes.length > 20 || !scopes.every((scope) => scopeGrammar.test(scope)))
    throw refuse('scopes', 'The scopes are words, openid among them.');
}

/** Its entity id is a name, and need not be an address. */
function requireSaml({ issuer, ssoUrl, certificates = [] }: IdentityProviderSpec, mayBeLoopback: boolean): void {
  if (issuer.trim() === '' || issuer.length > 1024) throw refuse('issuer', 'Say the entity id of the provider.');
  requireUrl(ssoUrl ?? '', 'ssoUrl', mayBeLoopback);
  if (certificates.length === 0 || certificates.length > 10 || !certificates.every(isKey))
    throw refuse('certificates', 'Give the certificates that sign the assertions, each as PEM.');
}

function isKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function requireUrl(given: string, field: string, mayBeLoopback: boolean): void {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || url.username || url.password || url.hash)
    throw refuse(field, 'This is no URL such as https://login.example.edu.');
  const isLoopback = isLoopbackHost(url.hostname);
  if (isLoopback && !mayBeLoopback)
    throw refuse(field, 'A provider on this very machine can be used for trying out only.');
  if (url.protocol !== 'https:' && !(isLoopback && url.protocol === 'http:'))
    throw refuse(field, 'The URL of a provider begins with https://.');
}

function refuse(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, { field: [field] });
}
