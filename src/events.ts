import { Counter, Histogram, type Registry } from 'prom-client';
import type { Logger } from './logger.js';

/**
 * Business facts: each is one log line and one counter together. Labels have few values, also where somebody else chooses the
 * words; ids are in the log only.
 */
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
  /** The tie between an account and its LMS user is in another state now. */
  edxLinkMoved(fact: { edxLinkId: string; state: string }): void;
  /** A link rests until somebody acts; `reason` is the code of its failure. */
  edxLinkFailed(fact: { edxLinkId: string; reason: string }): void;
  /** What was wanted of an enrollment will not be tried again by itself. */
  enrollmentFailed(fact: { enrollmentId: string; reason: string }): void;
  /** A learner's API token was to be renewed: `granted`, or why not. */
  tokenRefreshed(fact: { outcome: string }): void;
  /** The exchange of a learner's API token ended at this step: `granted`, or `failed`. */
  learnerTokenStep(fact: { step: string; outcome: string }): void;
  /** How many course runs a synchronisation left in which way, e.g. `created`, `unchanged`, `missing`. */
  courseRunsSynced(counts: Readonly<Record<string, number>>): void;
  /** The same of grades. */
  gradesSynced(counts: Readonly<Record<string, number>>): void;
  /** A message of the event bus: `taken`, `ignored` since Portico has no use for its type, or `parked`. */
  busMessageTaken(fact: { type: string; outcome: 'taken' | 'ignored' | 'parked' }): void;
  /** One operation of the graph; `code` is that of its first error, or `OK`. Its log line is written elsewhere. */
  graphOperation(fact: { name: string; type: string; code: string; durationMs: number }): void;
}

/** In seconds: from a cached answer to the longest that a job waits. */
const upstreamBuckets = [0.025, 0.1, 0.25, 0.5, 1, 3, 8, 30, 60];

/** So many different words of one kind are told apart; what comes after them is `other`. */
const mostWords = 100;

/** Keeps a label that others choose the words of from growing without end. */
function createWords(): (word: string) => string {
  const known = new Set<string>();
  return (word) => {
    if (known.size < mostWords) known.add(word);
    return known.has(word) ? word : 'other';
  };
}

/**
 * @param registry - where the counters are registered; they are made once for each registry
 */
export function createEvents({ logger, registry }: { logger: Logger; registry: Registry }): Events {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const signIns = counter('portico_sign_ins_total', 'Sign-ins, by outcome', ['outcome']);
  const signOuts = counter('portico_sign_outs_total', 'Sign-outs', []);
  const busMessages = counter('event_bus_messages_total', 'Messages of the event bus, by type and outcome', [
    'type',
    'outcome',
  ]);
  const busType = createWords();
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
    buckets: upstreamBuckets,
    registers: [registry],
  });
  const lmsCalls = counter('lms_request_total', 'Calls of the LMS, by operation and kind of answer', [
    'operation',
    'status_class',
  ]);
  const lmsDuration = new Histogram({
    name: 'lms_request_seconds',
    help: 'Calls of the LMS, retries included, by operation',
    labelNames: ['operation'],
    buckets: upstreamBuckets,
    registers: [registry],
  });
  const links = counter('user_sync_total', 'Links of accounts to the LMS that came into a state', ['state']);
  const deadLinks = counter('user_sync_dead_total', 'Links that rest until somebody acts, by reason', ['reason']);
  const deadEnrollments = counter('enrollment_dead_total', 'Enrollments that failed for good, by reason', ['reason']);
  const refreshes = counter('token_refresh_total', 'Renewals of learners’ API tokens, by outcome', ['outcome']);
  const dances = counter('token_dance_total', 'Exchanges of learners’ API tokens, by the step at which they ended', [
    'step',
    'outcome',
  ]);
  const courseSyncs = counter('course_sync_total', 'Course runs that were synchronised, by outcome', ['outcome']);
  const gradeSyncs = counter('grade_sync_total', 'Grades that were synchronised, by outcome', ['outcome']);
  const operations = new Histogram({
    name: 'portico_graphql_operation_duration_seconds',
    help: 'Operations of the graph, by name, type and the code of the first error',
    labelNames: ['operation', 'type', 'code'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const [linkReason, enrollmentReason, operationName] = [createWords(), createWords(), createWords()];
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
      if (upstream === 'lms') {
        lmsCalls.inc({ operation, status_class: statusClass(fact.status) });
        lmsDuration.observe({ operation }, fact.durationMs / 1000);
      }
      logger.debug(fact, 'upstream call');
    },
    edxLinkMoved(fact) {
      links.inc({ state: fact.state });
      logger.info(fact, 'an edX link moved');
    },
    edxLinkFailed(fact) {
      deadLinks.inc({ reason: linkReason(fact.reason) });
      logger.warn(fact, 'an edX link needs somebody');
    },
    enrollmentFailed(fact) {
      deadEnrollments.inc({ reason: enrollmentReason(fact.reason) });
      logger.warn(fact, 'an enrollment failed');
    },
    tokenRefreshed(fact) {
      refreshes.inc(fact);
      logger.debug(fact, 'a learner’s API token was to be renewed');
    },
    learnerTokenStep(fact) {
      dances.inc(fact);
      logger.debug(fact, 'a learner’s API token was to be exchanged');
    },
    courseRunsSynced(counts) {
      for (const [outcome, count] of Object.entries(counts)) courseSyncs.inc({ outcome }, count);
      logger.debug(counts, 'course runs were synchronised');
    },
    gradesSynced(counts) {
      for (const [outcome, count] of Object.entries(counts)) gradeSyncs.inc({ outcome }, count);
      logger.debug(counts, 'grades were synchronised');
    },
    busMessageTaken(fact) {
      busMessages.inc({ type: busType(fact.type), outcome: fact.outcome });
      logger[fact.outcome === 'parked' ? 'warn' : 'debug'](fact, 'a message of the event bus');
    },
    graphOperation({ name, type, code, durationMs }) {
      operations.observe({ operation: operationName(name), type, code }, durationMs / 1000);
    },
  };
}

/** `2xx` to `5xx`, or `none` when there was no answer. */
function statusClass(status: number): string {
  return status === 0 ? 'none' : `${Math.floor(status / 100)}xx`;
}
