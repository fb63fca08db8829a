import { Counter, Histogram, type Registry } from 'prom-client';
import type { Logger } from './logger.js';

/** Business facts: each is one log line and one counter together. Labels have few values; ids are in the log only. */
export interface Events {
  signedIn(fact: { accountId: string; methods: readonly string[] }): void;
  signInFailed(fact: { why: string; accountId?: string | undefined }): void;
  signedOut(fact: { accountId: string }): void;
  /** `kind` is `code`, or the grant type that gave tokens. */
  tokensIssued(fact: { kind: string; clientId: string; accountId?: string | undefined }): void;
  /** `error` is the OAuth error code. */
  oauthRefused(fact: { endpoint: string; error: string; clientId?: string | undefined }): void;
  refreshTokenReused(fact: { clientId: string; accountId?: string | undefined }): void;
  tokenRevoked(fact: { clientId: string }): void;
  /** Failures of one client or address beyond the limit. */
  throttled(fact: { what: string; address: string | null; clientId?: string | undefined }): void;
  /** `outcome` is `left-to-do` when something is left to people, else `done`. */
  accountRetired(fact: { accountId: string; outcome: string }): void;
  /** The LMS does not answer; the retirement is tried again by itself. */
  retirementWaits(fact: { accountId: string; code: string; nextAttemptAt: Date }): void;
  /** The LMS's limit of registrations is reached: raised once, however many wait for it. */
  registrationsPaused(fact: { until: Date | null }): void;
  registrationsResumed(): void;
  /** The LMS does not accept Portico's API client, or cannot renew tokens: raised once, however many learners it concerns. */
  edxApiTokensFailing(fact: { code: string; accountId: string }): void;
  edxApiTokensWorking(): void;
  signingKeysLoaded(fact: { kids: readonly string[] }): void;
  /** One finished call of an upstream, its retries included; `status` is 0 when there was no answer. */
  upstreamCalled(fact: {
    upstream: string;
    operation: string;
    outcome: string;
    status: number;
    tries: number;
    durationMs: number;
  }): void;
}

/**
 * @param registry - where the counters are registered; they are made once for each registry
 */
export function createEvents({ logger, registry }: { logger: Logger; registry: Registry }): Events {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const signIns = counter('portico_sign_ins_total', 'Sign-ins, by outcome', ['outcome']);
  const signOuts = counter('portico_sign_outs_total', 'Sign-outs', []);
  const tokens = counter('portico_tokens_issued_total', 'Codes and tokens issued, by kind', ['kind']);
  const refusals = counter('portico_oauth_refusals_total', 'Refused OAuth requests, by endpoint and error', [
    'endpoint',
    'error',
  ]);
  const reuses = counter('portico_refresh_tokens_reused_total', 'Refresh tokens that came a second time', []);
  const revocations = counter('portico_tokens_revoked_total', 'Tokens revoked by their clients', []);
  const throttled = counter('portico_throttled_total', 'Failures beyond a limit, by what was limited', ['what']);
  const retirements = counter('portico_retirements_total', 'Accounts retired, by outcome', ['outcome']);
  const retirementWaits = counter(
    'portico_retirement_waits_total',
    'Times that a retirement had to wait for the LMS',
    [],
  );
  const registrationPauses = counter(
    'portico_registration_pauses_total',
    'Times that the LMS began to refuse registrations by its limit',
    [],
  );
  const tokenAlerts = counter(
    'portico_edx_api_token_alerts_total',
    "Times that learners' API tokens began to fail for a reason that is nobody's own, by code",
    ['code'],
  );
  const keyLoads = counter('portico_signing_key_loads_total', 'Times that signing keys were read', []);
  const upstreamCalls = new Histogram({
    name: 'portico_upstream_call_duration_seconds',
    help: 'Calls of upstreams, retries included, by operation and outcome',
    labelNames: ['upstream', 'operation', 'outcome'],
    buckets: [0.025, 0.1, 0.25, 0.5, 1, 3, 8, 30, 60],
    registers: [registry],
  });
  return {
    signedIn(fact) {
      signIns.inc({ outcome: 'success' });
      logger.info(fact, 'signed in');
    },
    signInFailed(fact) {
      signIns.inc({ outcome: fact.why });
      logger.info(fact, 'sign-in failed');
    },
    signedOut(fact) {
      signOuts.inc();
      logger.info(fact, 'signed out');
    },
    tokensIssued(fact) {
      tokens.inc({ kind: fact.kind });
      logger.debug(fact, 'issued');
    },
    oauthRefused(fact) {
      refusals.inc({ endpoint: fact.endpoint, error: fact.error });
      logger.info(fact, 'OAuth request refused');
    },
    refreshTokenReused(fact) {
      reuses.inc();
      logger.warn(fact, 'a refresh token came a second time; its grant was revoked');
    },
    tokenRevoked(fact) {
      revocations.inc();
      logger.info(fact, 'token revoked');
    },
    throttled(fact) {
      throttled.inc({ what: fact.what });
      logger.warn(fact, 'too many failures');
    },
    accountRetired(fact) {
      retirements.inc({ outcome: fact.outcome });
      logger.info(fact, 'an account was retired');
    },
    retirementWaits(fact) {
      retirementWaits.inc();
      logger.warn(fact, 'a retirement has to wait for the LMS');
    },
    registrationsPaused(fact) {
      registrationPauses.inc();
      logger.error(fact, 'the LMS refuses registrations by its limit: raise REGISTRATION_RATELIMIT there');
    },
    registrationsResumed() {
      logger.info('the LMS takes registrations again');
    },
    edxApiTokensFailing(fact) {
      tokenAlerts.inc({ code: fact.code });
      logger.error(fact, 'learners’ API tokens cannot be renewed');
    },
    edxApiTokensWorking() {
      logger.info('learners’ API tokens can be renewed again');
    },
    signingKeysLoaded(fact) {
      keyLoads.inc();
      logger.info(fact, 'signing keys loaded');
    },
    upstreamCalled(fact) {
      const { upstream, operation, outcome } = fact;
      upstreamCalls.observe({ upstream, operation, outcome }, fact.durationMs / 1000);
      logger.debug(fact, 'upstream call');
    },
  };
}
