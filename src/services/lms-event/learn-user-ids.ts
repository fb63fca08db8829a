import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsIdentity } from '../../datasources/identity/identity-reader.js';
import type { Answer } from '../../datasources/keyed-answers.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type AdvisoryLocks, LockBusyError } from '../../locks/advisory-locks.js';
import type { Logger } from '../../logger.js';
import { enqueueLearnUserIds, lacksUserId, storeUserIds } from '../edx-link/lms-user-ids.js';
import { isRefusal, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { forgetStrangers, raiseKnown } from './unknown-users.js';

/**
 * The numbers of LMS users. The LMS's grade events name a user by number only, and links are made without one: by an import, by a
 * release that does not say it.
 */
export interface LmsUserIds {
  /**
   * Body of the job `learn-lms-user-ids`: asks the LMS for the numbers that links lack, hundreds in a call, and follows the events
   * that were kept for users who are known by then.
   */
  learn(signal?: AbortSignal): Promise<void>;
}

/** Links of one page: what the LMS finds by address in one call. */
const pageSize = 500;
/** Pages of one run; then others have their turn. */
const pagesPerRun = 10;
const busyPauseMs = 1_000;
/** The pause of a first failure: an event that comes meanwhile does not put the job forward. */
const waits = 2;
const options: CallOptions = { purpose: 'job', priority: 'bulk' };

interface Unnumbered {
  id: string;
  username: string;
  email: string;
}

export function createLmsUserIds({
  em,
  api,
  locks,
  clock,
  logger,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'keyed'>;
  locks: AdvisoryLocks;
  clock: Clock;
  logger: Logger;
}): LmsUserIds {
  /** @returns whether links are left that were not asked for */
  const learnPages = async (signal: AbortSignal | undefined): Promise<boolean> => {
    for (let page = 0; page < pagesPerRun; page += 1) {
      if (signal?.aborted) return true;
      const links = await findUnnumbered(em);
      if (links.length > 0) await learnPage(links, signal);
      if (links.length < pageSize) return false;
    }
    return true;
  };
  const learnPage = async (links: readonly Unnumbered[], signal: AbortSignal | undefined) => {
    const answers = await api.keyed.readIdentities(links, { ...options, signal });
    const answerOf = ({ username }: Unnumbered) => answers.get(username.toLowerCase());
    const numbered = links.flatMap((link) => numberedBy(link, answerOf(link)));
    const isNumbered = new Set(numbered.map(({ username }) => username));
    const without = links.filter((link) => !isNumbered.has(link.username) && isSettled(answerOf(link)));
    await em.fork().transactional(async (tx) => {
      await storeUserIds(tx, numbered, { isCurrent: true });
      await noteSought(tx, without, clock());
    });
    logger.info({ learned: numbered.length, sought: links.length }, 'asked the LMS for the numbers of its users');
    const [unsettled] = links.filter((link) => !isSettled(answerOf(link)));
    const answer = unsettled && answerOf(unsettled);
    if (answer && 'error' in answer) throw answer.error;
  };

  return {
    async learn(signal) {
      let isMore = false;
      try {
        isMore = await locks.run('learn-lms-user-ids', () => learnPages(signal), { waitMs: 0 });
      } catch (error) {
        if (error instanceof LockBusyError)
          return enqueueLearnUserIds(em.fork(), new Date(clock().getTime() + busyPauseMs));
        if (!isUpstreamTrouble(error)) throw error;
        logger.warn({ err: error }, 'the LMS does not tell the numbers of its users; they are asked for again');
        await enqueueLearnUserIds(em.fork(), new Date(clock().getTime() + pauseBeforeRetryMs(error, waits)));
      }
      await raiseKnown(em);
      if (isMore) return enqueueLearnUserIds(em.fork(), clock());
      await forgetStrangers(em);
    },
  };
}

/** Those that were never asked for first. */
function findUnnumbered(em: EntityManager): Promise<Unnumbered[]> {
  return em.fork().execute<Unnumbered[]>(
    `select link.id, link.edx_username as username, account.email
     from edx_link link join account on account.id = link.account_id
     where ${lacksUserId} order by link.edx_user_id_sought_at nulls first, link.id limit ${pageSize}`,
  );
}

function numberedBy({ username }: Unnumbered, answer: Answer<LmsIdentity | undefined> | undefined) {
  const id = answer && 'value' in answer ? answer.value?.id : undefined;
  return id == null ? [] : [{ username, id }];
}

/** Asking once more would get no other answer. */
function isSettled(answer: Answer<unknown> | undefined): boolean {
  return !answer || 'value' in answer || isRefusal(answer.error);
}

async function noteSought(tx: EntityManager, links: readonly Unnumbered[], now: Date): Promise<void> {
  await tx.execute(
    `update edx_link set edx_user_id_sought_at = ?
     where id = any(array(select jsonb_array_elements_text(?::jsonb)::uuid))`,
    [now, JSON.stringify(links.map(({ id }) => id))],
  );
}
