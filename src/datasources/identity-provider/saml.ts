import { randomBytes } from 'node:crypto';
import { type Profile, SAML, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml';
import { IdentityProviderError, type ProvenIdentity, textOf } from './proven-identity.js';

/** What it takes to ask a SAML identity provider, and to believe it. */
export interface SamlProvider {
  /** Its entity id. */
  issuer: string;
  /** Where it takes requests, by redirect. */
  ssoUrl: string;
  /** PEM: certificates, or public keys, any of which may sign. */
  certificates: readonly string[];
  keyAttribute: string;
  /** Portico's entity id there. */
  entityId: string;
  callbackUrl: string;
}

/** What is kept of a request until its answer is checked. */
export interface SamlRequest {
  id: string;
}

const clockSkewMs = 60_000;
const requestLifeMs = 15 * 60_000;
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** @returns where to send the browser (SAML 2.0 bindings 3.4), and what the answer has to be to */
export async function beginSaml(
  provider: SamlProvider,
  state: string,
  { isFresh }: { isFresh: boolean },
): Promise<{ url: string; request: SamlRequest }> {
  const request = { id: `_${randomBytes(20).toString('hex')}` };
  const url = await partnerOf(provider, request, isFresh).getAuthorizeUrlAsync(state, undefined, {});
  return { url, request };
}

/**
 * Checks an answer: signature of the assertion, issuer, audience, time, recipient, and that the signed part itself answers this
 * request. A request is asked for once and its answer taken once, so no assertion counts twice.
 *
 * @param response - base64, as posted
 * @throws IdentityProviderError
 */
export async function proveSaml(
  provider: SamlProvider,
  { response, request }: { response: string; request: SamlRequest },
): Promise<ProvenIdentity> {
  const profile = await validate(provider, response, request);
  // The library looks at it in other messages only.
  if (profile.issuer !== provider.issuer)
    throw new IdentityProviderError('wrong-answer', 'the assertion is of another issuer');
  requireOwnAnswer(profile, provider, request);
  if (!profile.nameID || profile.nameIDFormat === transient)
    throw new IdentityProviderError('wrong-answer', 'the assertion has no lasting NameID');
  const attributes = new Map(Object.entries(profile.attributes ?? {}));
  const read = (...names: string[]) =>
    names.map((name) => textOf(attributes.get(name))).find((text) => text !== null) ?? null;
  return {
    subject: profile.nameID,
    externalKey: read(provider.keyAttribute),
    email: read('email', 'mail', 'urn:oid:0.9.2342.19200300.100.1.3'),
    isEmailVerified: read('email_verified') === 'true',
    name: read('name', 'displayName', 'urn:oid:2.16.840.1.113730.3.1.241'),
  };
}

async function validate(
  provider: SamlProvider,
  response: string,
  request: SamlRequest,
): Promise<Profile & { attributes?: Record<string, unknown> }> {
  try {
    const { profile } = await partnerOf(provider, request, false).validatePostResponseAsync({ SAMLResponse: response });
    if (profile) return profile;
  } catch (error) {
    // By the library's own word: the provider answered that it did not sign the person in.
    const trouble = error instanceof SamlStatusError ? 'denied' : 'wrong-answer';
    throw new IdentityProviderError(trouble, error instanceof Error ? error.message : String(error), { cause: error });
  }
  throw new IdentityProviderError('wrong-answer', 'the answer names nobody');
}

/** The library compares what stands around the assertion too, which nobody signed: only what is inside of it binds it to us. */
function requireOwnAnswer({ getAssertion }: Profile, { callbackUrl }: SamlProvider, { id }: SamlRequest): void {
  const confirmations = partsOf(partsOf(getAssertion?.(), 'Assertion', 'Subject'), 'SubjectConfirmation');
  const isOwn = confirmations.some((confirmation) =>
    partsOf(confirmation, 'SubjectConfirmationData').some((data) => {
      const { InResponseTo: answered, Recipient: recipient } = attributesOf(data);
      return answered === id && recipient === callbackUrl;
    }),
  );
  if (!isOwn) throw new IdentityProviderError('wrong-answer', 'the assertion is no answer to this request');
}

/** Children of a parsed element, or of several, by their path. */
function partsOf(parent: unknown, ...path: string[]): unknown[] {
  return path.reduce<unknown[]>(
    (parents, name) =>
      parents.flat().flatMap((one) => {
        const child: unknown = one instanceof Object ? Reflect.get(one, name) : undefined;
        return child === undefined ? [] : child;
      }),
    [parent],
  );
}

function attributesOf(element: unknown): Record<string, unknown> {
  const attributes: unknown = element instanceof Object ? Reflect.get(element, '$') : undefined;
  return attributes instanceof Object ? (attributes as Record<string, unknown>) : {};
}

function partnerOf(provider: SamlProvider, { id }: SamlRequest, isFresh: boolean): SAML {
  const askedAt = new Date().toISOString();
  return new SAML({
    idpCert: [...provider.certificates],
    idpIssuer: provider.issuer,
    entryPoint: provider.ssoUrl,
    issuer: provider.entityId,
    audience: provider.entityId,
    callbackUrl: provider.callbackUrl,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: clockSkewMs,
    disableRequestedAuthnContext: true,
    identifierFormat: null,
    forceAuthn: isFresh,
    generateUniqueId: () => id,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: requestLifeMs,
    // Requests are kept by us, each with its browser; the library is told of the one that is meant.
    cacheProvider: {
      saveAsync: async (_key, value) => ({ value, createdAt: Date.now() }),
      getAsync: async (key) => (key === id ? askedAt : null),
      removeAsync: async (key) => key,
    },
  });
}
