import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { LmsToken } from '../../datasources/lms/token-endpoint.js';
import type { OwnUser } from '../../datasources/own-enrollments.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { ConflictError, NotFoundError, UpstreamUnavailableError } from '../../errors.js';
import type { Events } from '../../events.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { describeTrouble, isRefusal, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import type { LearnerSignOn } from './learner-sign-on.js';
import { LearnerTokenError } from './learner-token-error.js';
import { enqueueProvision } from './plan.js';
import { createTokenAlarm, type TokenAlarm } from './token-alarm.js';
import type { StoredToken, TokenStore } from './token-store.js';

/** The token with which the LMS lets Portico act as a learner. One pair per learner, refreshed by one caller for all. */
export interface EdxApiTokenService {
  /**
   * @param minTtlSeconds - how long the token must still be good for; asks the LMS only when it is not
   * @returns an access token, to be sent as `Bearer`
   * @throws {@link ConflictError} when the account is not linked
   * @throws {@link UpstreamUnavailableError} when the LMS gives none; why is stored at the edX link
   */
  getValidToken(accountId: string, minTtlSeconds?: number, options?: CallOptions): Promise<string>;
  /** The LMS user of an account, with a token that is good now; without any call. */
  findOwn(accountId: string): Promise<OwnUser | undefined>;
  /** Obtains a new pair, however good the old one is. Throws the same. */
  refresh(accountId: string, options?: CallOptions): Promise<void>;
  /**
   * Has a job obtain a new pair, however good the old one is; the link tells when it is there, or why not.
   *
   * @throws NotFoundError when the account has no edX link
   * @throws {@link ConflictError} when it is not linked
   */
  requestRefresh(accountId: string): Promise<EdxLink>;
  /** Drops the pair, has the LMS end it, and obtains another one by a new exchange. Throws like {@link getValidToken}. */
  regenerate(accountId: string, options?: CallOptions): Promise<void>;
  /** Body of the job `revoke-edx-api-token`. One that no configured key opens is left to its end. */
  revoke(sealed: string): Promise<void>;
  /** Seals tokens anew that an older secret key sealed. @returns how many pairs; to be repeated until there are none */
  reseal(): Promise<number>;
  /**
   * Signs the learner in to the LMS once more, which then takes over what Portico says of them, and keeps the new pair.
   * Throws the same.
   */
  signOn(accountId: string, options?: CallOptions): Promise<void>;
  /**
   * Body of the job `obtain-edx-api-token`: sees to it that there is a pair, and comes back when the LMS gives none now. It
   * gives up after a while, since the first use of the token tries again anyway.
   */
  provide(accountId: string, run?: { waits?: number; isAnew?: boolean }): Promise<void>;
}

export interface EdxApiTokenDeps {
  em: EntityManager;
  store: TokenStore;
  api: Pick<LmsApi, 'refreshToken' | 'revokeToken'>;
  learnerSignOn: LearnerSignOn;
  events: Pick<Events, 'edxApiTokensFailing' | 'edxApiTokensWorking'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}

/** As long as another process may take for the whole exchange. */
const lockWaitMs = 30_000;
/** An exchange that fails at one of its steps, or is refused, needs an operator: it is asked for less and less, then no more. */
const firstStepPauseMs = 60_000;
const maxStepWaits = 5;

/**
 * Most tokens a minute that are obtained ahead of their use. The LMS takes 120 calls a minute at its token endpoint from one
 * address; the rest is for those who are needed now: refreshes, and the service worker's own token.
 */
const provisionsPerMinute = 50;
const minuteMs = 60_000;

export function createEdxApiTokenService(options: EdxApiTokenDeps): EdxApiTokenService {
  const deps = { ...options, alarm: createTokenAlarm(options.events) };
  const { store, clock, locks } = deps;
  const underWay = new Map<string, Promise<string>>();
  let provisions: number[] = [];

  const isGoodFor = ({ accessToken, expiresAt }: StoredToken, seconds: number): string | undefined =>
    accessToken !== undefined && expiresAt !== undefined && expiresAt.getTime() > clock().getTime() + seconds * 1000
      ? accessToken
      : undefined;

  /** Once for all callers of this process, and one process at a time. Whoever comes second finds the new pair. */
  const renewOnce = (accountId: string, minTtlSeconds: number, options: CallOptions): Promise<string> => {
    const running = underWay.get(accountId);
    if (running) return running;
    const task = locks
      .run(tokenLock(accountId), () => renew(deps, accountId, (stored) => isGoodFor(stored, minTtlSeconds), options), {
        waitMs: lockWaitMs,
      })
      .catch(throwBusyAsTimeout)
      .finally(() => underWay.delete(accountId));
    underWay.set(accountId, task);
    return task;
  };

  return {
    async getValidToken(accountId, minTtlSeconds = 60, options = { purpose: 'request' }) {
      const good = isGoodFor(await store.read(accountId), minTtlSeconds);
      return good ?? renewOnce(accountId, minTtlSeconds, options);
    },
    async findOwn(accountId) {
      const stored = await store.read(accountId);
      const accessToken = stored.isLinked ? isGoodFor(stored, 10) : undefined;
      return accessToken !== undefined && stored.lmsUsername !== undefined
        ? { lmsUsername: stored.lmsUsername, accessToken }
        : undefined;
    },
    async refresh(accountId, options = { purpose: 'job' }) {
      await renewOnce(accountId, Number.POSITIVE_INFINITY, options);
    },
    async signOn(accountId, options = { purpose: 'job' }) {
      await locks
        .run(tokenLock(accountId), () => exchangeAnew(deps, accountId, options), { waitMs: lockWaitMs })
        .catch(throwBusyAsTimeout);
    },
    async requestRefresh(accountId) {
      const link = await deps.em.fork().findOne(EdxLinkEntity, { accountId });
      if (!link) throw new NotFoundError('The account has no edX link.');
      if (link.state !== 'LINKED') throw new ConflictError('There is no edX account yet.');
      await enqueueProvision(deps.em.fork(), accountId, { isAnew: true });
      return link;
    },
    async regenerate(accountId, options = { purpose: 'job' }) {
      await locks
        .run(
          tokenLock(accountId),
          async () => {
            await store.forget(accountId);
            await exchangeAnew(deps, accountId, options);
          },
          { waitMs: lockWaitMs },
        )
        .catch(throwBusyAsTimeout);
    },
    reseal: () => deps.store.reseal(),
    async revoke(sealed) {
      const token = await store.open(sealed);
      if (token !== undefined) await deps.api.revokeToken(token, { purpose: 'job', priority: 'bulk' });
    },
    async provide(accountId, { waits = 0, isAnew = false } = {}) {
      if (!isAnew && isGoodFor(await store.read(accountId), 0)) return;
      const now = clock().getTime();
      provisions = provisions.filter((at) => at > now - minuteMs);
      if (provisions.length >= provisionsPerMinute) {
        const runAt = new Date(now + minuteMs * (0.5 + Math.random() / 2));
        return enqueueProvision(deps.em.fork(), accountId, { runAt, waits, isAnew });
      }
      provisions.push(now);
      try {
        await renewOnce(accountId, isAnew ? Number.POSITIVE_INFINITY : 0, { purpose: 'job' });
      } catch (error) {
        if (error instanceof ConflictError) return;
        if (!isUpstreamTrouble(error)) throw error;
        const isStep = error instanceof LearnerTokenError || isRefusal(error);
        if (isStep && waits >= maxStepWaits) return;
        const pauseMs = isStep ? firstStepPauseMs * 4 ** waits : pauseBeforeRetryMs(error, waits);
        await enqueueProvision(deps.em.fork(), accountId, {
          runAt: new Date(clock().getTime() + pauseMs),
          waits: waits + 1,
          isAnew,
        });
      }
    },
  };
}

/** Name of the lock under which one process at a time deals with a learner's pair. */
function tokenLock(accountId: string): string {
  return `edx-api-token:${accountId}`;
}

function throwBusyAsTimeout(error: unknown): never {
  if (!(error instanceof LockBusyError)) throw error;
  throw new UpstreamUnavailableError(
    'The LMS takes too long to answer. Try again later.',
    { upstream: 'lms', why: 'timeout' },
    { cause: error },
  );
}

type RenewalDeps = EdxApiTokenDeps & { alarm: TokenAlarm };

async function renew(
  deps: RenewalDeps,
  accountId: string,
  findGood: (stored: StoredToken) => string | undefined,
  options: CallOptions,
): Promise<string> {
  const stored = await deps.store.read(accountId);
  const good = findGood(stored);
  if (good !== undefined) return good;
  if (!stored.isLinked) throw new ConflictError('There is no edX account yet.');
  const token = await keepOutcome(
    deps,
    accountId,
    async () => (await refreshed(deps, stored, options)) ?? exchanged(deps, accountId, options),
  );
  return token.accessToken;
}

async function exchangeAnew(deps: RenewalDeps, accountId: string, options: CallOptions): Promise<void> {
  const { isLinked } = await deps.store.read(accountId);
  if (!isLinked) throw new ConflictError('There is no edX account yet.');
  await keepOutcome(deps, accountId, () => exchanged(deps, accountId, options));
}

/** Stores the new pair, or why there is none. */
async function keepOutcome(deps: RenewalDeps, accountId: string, obtain: () => Promise<LmsToken>): Promise<LmsToken> {
  try {
    const token = await obtain();
    await deps.store.write(accountId, token, deps.clock());
    deps.alarm.settle();
    return token;
  } catch (error) {
    if (isUpstreamTrouble(error)) {
      const failure = failureOf(error, deps.clock());
      await deps.store.writeFailure(accountId, failure);
      deps.alarm.consider(error, { code: failure.code, accountId });
    }
    throw error;
  }
}

/** @returns undefined when only a new exchange helps: there is no refresh token, or the LMS no longer knows it */
async function refreshed(
  deps: RenewalDeps,
  { refreshToken }: StoredToken,
  options: CallOptions,
): Promise<LmsToken | undefined> {
  if (refreshToken === undefined) return undefined;
  const outcome = await deps.api.refreshToken(refreshToken, options);
  if (outcome.kind === 'granted') return outcome.token;
  if (outcome.kind === 'invalid-grant') return undefined;
  // A fault of configuration concerns everybody: exchanging anew would fail the same way, and lose the pair.
  throw new LearnerTokenError(
    'client-misconfigured',
    `The LMS does not accept Portico's API client (${outcome.code}).`,
  );
}

async function exchanged(deps: RenewalDeps, accountId: string, options: CallOptions): Promise<LmsToken> {
  const outcome = await deps.learnerSignOn.obtain(accountId, options);
  if (outcome.kind === 'granted') return outcome.token;
  throw new LearnerTokenError(outcome.step, outcome.message);
}

function failureOf(error: Parameters<typeof describeTrouble>[0], at: Date) {
  const failure = describeTrouble(error, at);
  return error instanceof LearnerTokenError ? { ...failure, code: error.step } : failure;
}
