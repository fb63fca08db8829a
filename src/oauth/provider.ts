import Provider, { type AdapterFactory, type Configuration } from 'oidc-provider';
import type { Events } from '../events.js';
import type { Logger } from '../logger.js';
import type { AuditService } from '../services/audit/audit.service.js';
import type { Site } from '../web/layout.js';
import type { AccountSource } from './account-source.js';
import { setHeaders } from './answers/headers.js';
import { answerOutages } from './answers/outage.js';
import { nameEndpointsAsReached } from './answers/split-host.js';
import { extendClients } from './client/extensions.js';
import { throttleFailures } from './client/failures.js';
import type { ClientRegistry } from './client/registry.js';
import { limitCodeGuessing, slowDevicesDown } from './device/limits.js';
import { offerUserCode } from './device/pages.js';
import type { DeviceThrottles } from './device/throttles.js';
import { type KnownAnswers, rememberIntrospection } from './direct/introspection.js';
import { listenToProvider, tellIssuedTokens } from './event-listeners.js';
import { type ExchangeDependencies, nameUnauthorizedExchanges, registerTokenExchange } from './exchange/grant-type.js';
import { createPresentedTokens } from './exchange/presented-token.js';
import type { FailureThrottle } from './failure-throttle.js';
import { answerTokenRequests, type JwtAnswerDependencies } from './jwt/answers.js';
import { answerForJwts } from './jwt/introspection.js';
import type { JwtKeys } from './jwt/keys.js';
import type { LoadedKey } from './jwt/signing-keys.js';
import type { FindJwtToken } from './jwt/tokens.js';
import { admitJwtAtUserInfo } from './jwt/user-info.js';
import type { Middleware } from './middleware.js';
import { keepAudit, noteAct } from './request-audit.js';
import type { SessionEnding } from './session/ending.js';
import type { LogoutNotices } from './session/logout-notices.js';
import { keepSessionsWhileTheyMove } from './session/move.js';
import { endGrantsOnSignOut } from './session/requested-sign-out.js';
import { settleIssuance } from './storage/issuance.js';
import { completeTokenAnswers } from './token/answers.js';
import { leaveOutLostScopes } from './token/lost-scopes.js';
import { answerPlainUserDetails } from './token/plain-user-details.js';
import { admitOtherSpellings } from './token/proof-address.js';
import { rememberProofs } from './token/proof-memory.js';
import type { AuthenticateToken } from './token/viewer.js';

export interface ProviderInputs {
  issuer: string;
  configuration: Configuration;
  adapter: AdapterFactory;
  accounts: AccountSource;
  clients: ClientRegistry;
  ending: SessionEnding;
  logoutNotices: LogoutNotices;
  authenticateToken: AuthenticateToken;
  findJwtToken: FindJwtToken;
  knownAnswers: KnownAnswers;
  /** What access tokens in JWT form are made with, beside the keys. */
  jwts: Omit<JwtAnswerDependencies, 'keys'>;
  exchange: Omit<ExchangeDependencies, 'clients' | 'presentedTokens'>;
  throttle: FailureThrottle;
  deviceThrottles: DeviceThrottles;
  boundAnonymous: Middleware;
  site: Site;
  events: Events;
  audit: AuditService;
  logger: Logger;
  logoUrl: string | undefined;
}

/**
 * Builds a provider around a set of keys. It keeps nothing itself, so that another one with other keys can take its place
 * between two requests.
 *
 * @param keys - those to sign with first
 * @param jwtKeys - the same for access tokens in JWT form
 */
export function buildProvider(keys: readonly LoadedKey[], jwtKeys: JwtKeys, inputs: ProviderInputs): Provider {
  const { issuer, configuration, adapter, accounts, clients, ending, throttle, events, logger, findJwtToken, jwts } =
    inputs;
  const { artifacts } = jwts;
  const provider = new Provider(issuer, { ...configuration, adapter, jwks: { keys: keys.map(({ jwk }) => jwk) } });
  // Safe with any peer: addressing headers are rewritten before the provider reads them.
  provider.proxy = true;
  extendClients(provider, clients);
  admitOtherSpellings(provider);
  rememberProofs(provider);
  keepSessionsWhileTheyMove(provider);
  const presentedTokens = createPresentedTokens({ provider, accounts, clients, artifacts, findJwtToken });
  registerTokenExchange(provider, { ...inputs.exchange, clients, presentedTokens });
  inputs.logoutNotices.attachTo(provider);
  listenToProvider(provider, { events, logger, noteAct });
  provider.use(setHeaders(inputs.logoUrl, issuer.startsWith('https:')));
  provider.use(answerOutages(inputs.site));
  provider.use(nameEndpointsAsReached);
  provider.use(rememberIntrospection(inputs.knownAnswers, clients));
  provider.use(keepAudit(inputs.audit, artifacts));
  provider.use(throttleFailures(throttle, events));
  provider.use(inputs.boundAnonymous);
  provider.use(slowDevicesDown(inputs.deviceThrottles, events));
  provider.use(limitCodeGuessing(inputs.deviceThrottles, events, inputs.site));
  provider.use(offerUserCode(inputs.site));
  provider.use(endGrantsOnSignOut(ending, events));
  provider.use(completeTokenAnswers({ accounts, clients, events }));
  provider.use(answerForJwts({ findJwtToken, accounts, clients, artifacts, events }));
  provider.use(answerTokenRequests({ ...jwts, keys: jwtKeys }));
  provider.use(answerPlainUserDetails(inputs.authenticateToken, accounts));
  provider.use(leaveOutLostScopes(clients));
  provider.use(admitJwtAtUserInfo(findJwtToken, artifacts));
  provider.use(nameUnauthorizedExchanges);
  // The last, and so the first to see what the provider answers: everything before it finds tokens that are stored.
  provider.use(settleIssuance(artifacts, tellIssuedTokens({ events, noteAct })));
  return provider;
}
