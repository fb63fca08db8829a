import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { scopeDescriptions } from '../access/scopes.js';
import type { Clock } from '../clock.js';
import { keyedHash } from '../crypto/hash.js';
import { type AccountSource, findActiveAccount } from './account-source.js';
import type { ErrorRenderer } from './answers/errors.js';
import { claimsByScope, toProviderAccount } from './claims.js';
import { settleScope } from './client/default-scopes.js';
import { checkAssertion, fapiProfileOf } from './client/fapi.js';
import { extraClientProperties } from './client/metadata.js';
import type { ClientRegistry } from './client/registry.js';
import { isIndependentOfSession } from './client/session-binding.js';
import type { DevicePages } from './device/pages.js';
import { extraTokenClaims } from './exchange/actor.js';
import { type Consents, createGrantLoader } from './interaction/consented-grants.js';
import { acrValues, createPolicy, interactionUrl } from './interaction/interactions.js';
import { type Lifetimes, sessionSecondsLeft } from './lifetimes.js';
import { isHeadless } from './session/headless.js';
import type { SignOutPages } from './session/sign-out-pages.js';
import type { Subjects } from './storage/subjects.js';
import { pairwiseSubject } from './subject-of.js';
import { createIntrospectionPolicy, mayRevoke } from './token/access-policies.js';
import { proofAlgorithms } from './token/dpop-proof.js';

export interface ConfigurationInputs {
  accounts: AccountSource;
  clients: ClientRegistry;
  consents: Consents;
  clock: Clock;
  lifetimes: Lifetimes;
  /** Whether a client is the one that the LMS signs people in by. */
  isLmsClient: (clientId: string) => Promise<boolean>;
  /** Whether sign-in asks this account for a second factor. */
  hasSecondFactor: (accountId: string) => Promise<boolean>;
  secretKeys: readonly string[];
  renderError: ErrorRenderer;
  signOutPages: SignOutPages;
  devicePages: DevicePages;
  subjects: Subjects;
  isSectorBeingChecked: (client: Client) => boolean;
  callbackFetch: NonNullable<Configuration['fetch']>;
}

/** Everything of the provider that is setting rather than code; keys and storage are added where it is built. */
export function createConfiguration(inputs: ConfigurationInputs): Configuration {
  const { accounts, clients, lifetimes } = inputs;
  return {
    responseTypes: ['code'],
    scopes: Object.keys(scopeDescriptions),
    claims: { ...claimsAsArrays(), acr: null, auth_time: null, iss: null, sid: null },
    acrValues,
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) => pairwiseSubject(inputs.subjects, accountId, client),
    sectorIdentifierUriValidate: inputs.isSectorBeingChecked,
    extraTokenClaims,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    // Symmetric algorithms would use a client secret as key, and there is none to use: only hashes are kept.
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
      dPoPSigningAlgValues: proofAlgorithms,
    },
    assertJwtClientAuthClaimsAndHeader: checkAssertion,
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' || client.require_pkce === true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: 10,
    cookies: {
      keys: inputs.secretKeys.map((key) => keyedHash(key, 'cookie', 'oauth')),
      names: { session: 'portico_session', interaction: 'portico_interaction', resume: 'portico_resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    extraClientMetadata: { properties: [...extraClientProperties] },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        userCodeInputSource: inputs.devicePages.askForCode,
        userCodeConfirmSource: inputs.devicePages.askToConfirm,
        successSource: inputs.devicePages.sayDone,
      },
      pushedAuthorizationRequests: { enabled: true },
      fapi: { enabled: true, profile: fapiProfileOf },
      claimsParameter: { enabled: true },
      introspection: { enabled: true, allowedPolicy: createIntrospectionPolicy(accounts, clients) },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: inputs.signOutPages.askToSignOut,
        postLogoutSuccessSource: inputs.signOutPages.sayGoodbye,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: settleScope,
        getResourceServerInfo: () => {
          throw new errors.InvalidTarget();
        },
      },
    },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      revocation: '/oauth2/revoke_token',
      introspection: '/oauth2/introspect',
      userinfo: '/oauth2/userinfo',
      end_session: '/oauth2/logout',
      jwks: '/oauth2/jwks',
      pushed_authorization_request: '/oauth2/par',
      device_authorization: '/oauth2/device-authorization',
      code_verification: '/oauth2/device',
    },
    interactions: { url: interactionUrl, policy: createPolicy(inputs.isLmsClient, inputs.hasSecondFactor) },
    findAccount: async (ctx, id) => {
      const account = await findActiveAccount(accounts, id);
      return account && toProviderAccount(account, ctx.oidc.client);
    },
    loadExistingGrant: createGrantLoader(inputs.consents),
    expiresWithSession: async (_ctx, source) => !isIndependentOfSession(source.client, source.scopes),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: mustRotate,
    clientBasedCORS: mayCallFrom,
    fetch: inputs.callbackFetch,
    renderError: inputs.renderError,
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.authorizationCode,
      ClientCredentials: lifetimes.clientCredentials,
      DeviceCode: lifetimes.deviceCode,
      Grant: lifetimes.grant,
      IdToken: lifetimes.idToken,
      Interaction: lifetimes.interaction,
      RefreshToken: (ctx, token, client) => {
        const rotated = ctx?.oidc.entities.RotatedRefreshToken;
        const keepsEnd = client?.clientAuthMethod === 'none' && client.applicationType === 'web';
        return rotated && keepsEnd && !token.isSenderConstrained() ? rotated.remainingTTL : lifetimes.refreshToken;
      },
      Session: (_ctx, session) =>
        isHeadless(session)
          ? Math.max(1, session.remainingTTL)
          : sessionSecondsLeft(lifetimes, session.loginTs, inputs.clock()),
    },
  };
}

function claimsAsArrays(): Record<string, string[]> {
  return Object.fromEntries(Object.entries(claimsByScope).map(([scope, claims]) => [scope, [...claims]]));
}

/**
 * Refresh tokens of public clients change with each use, for a year at most (RFC 9700 4.14). Those of clients that
 * authenticate need not, and a lost answer would sign people out.
 */
async function mustRotate({ oidc }: KoaContextWithOIDC): Promise<boolean> {
  const yearSeconds = 365 * 24 * 3600;
  const { RefreshToken: token, Client: client } = oidc.entities;
  if (!token || !client || token.totalLifetime() >= yearSeconds) return false;
  return client.clientAuthMethod === 'none' && !token.isSenderConstrained();
}

/** Browsers may call from where a public client lives; with a token in hand, from where any client lives. */
function mayCallFrom(ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  if (origin === 'null' || (ctx.oidc.route !== 'userinfo' && client.clientAuthMethod !== 'none')) return false;
  return (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);
}
