import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { enqueue } from '../../jobs/queue.js';
import { enqueueLearnUserIds, storeUserIds } from '../edx-link/lms-user-ids.js';
import { type LearningHint, raiseHints, usualSettleMs } from '../learning-hint/raise-hints.js';
import type { EventUser, LmsEvent } from './lms-event.js';
import { keepForUnknown } from './unknown-users.js';

/** Takes what the LMS tells of. */
export interface LmsEvents {
  /**
   * Takes down, in one transaction, what is to be looked at in the LMS, and has jobs look. Who has no account here is nobody's
   * business; what concerns a user who may have one, but is named by a number that is not known yet, is kept until it is. Harmless
   * to repeat, and the order does not matter.
   */
  take(events: readonly LmsEvent[]): Promise<void>;
}

type LearnerEvent = Extract<LmsEvent, { about: 'enrollment' | 'grade' | 'certificate' }>;

/** @param settleMs - before so long the LMS is not asked about what it told of */
export function createLmsEvents({
  em,
  clock,
  settleMs = usualSettleMs,
}: {
  em: EntityManager;
  clock: Clock;
  settleMs?: number;
}): LmsEvents {
  return {
    take: (events) =>
      em.fork().transactional(async (tx) => {
        const users = events.flatMap((event) => ('user' in event ? [event.user] : []));
        await learnUserIds(tx, users);
        const now = clock();
        const runAt = new Date(now.getTime() + settleMs);
        const told = events.filter(isOfLearner);
        const ofNumbers = told.flatMap((event) =>
          event.user.lmsUsername === undefined ? [{ lmsUserId: event.user.lmsUserId, ...whatOf(event) }] : [],
        );
        // Before the accounts: a number that becomes known in between is found there.
        const isKept = await keepForUnknown(tx, ofNumbers, { now, dueAt: runAt });
        if (isKept) await enqueueLearnUserIds(tx, now);
        const accounts = await findAccounts(tx, users);
        const hints = told.flatMap((event) =>
          accountsOf(accounts, event.user).map((accountId) => ({ accountId, ...whatOf(event) })),
        );
        await raiseHints(tx, hints, { now, dueAt: runAt });
        const changedUsers = events.flatMap((event) =>
          event.about === 'user' ? accountsOf(accounts, event.user) : [],
        );
        for (const accountId of new Set(changedUsers))
          await enqueue(tx, 'check-edx-link', { accountId }, { key: `edx-link-check:${accountId}`, runAt });
        const courseKeys = events.flatMap((event) => (event.about === 'course-run' ? [event.courseKey] : []));
        for (const courseKey of new Set(courseKeys))
          await enqueue(tx, 'look-at-course-run', { courseKey }, { key: `course-run-look:${courseKey}`, runAt });
      }),
  };
}

function isOfLearner(event: LmsEvent): event is LearnerEvent {
  return event.about === 'enrollment' || event.about === 'grade' || event.about === 'certificate';
}

function whatOf({ about, courseKey }: LearnerEvent): Omit<LearningHint, 'accountId'> {
  return {
    courseKey,
    enrollment: about === 'enrollment',
    // The two are made of each other: a certificate falls with its grade.
    grade: about !== 'enrollment',
    certificate: about === 'certificate',
  };
}

/** Accounts by LMS user id and by LMS username in lower case. */
type Accounts = ReadonlyMap<number | string, string>;

/** A username may have been changed in the LMS since we saw it, and an id is not known of every link: either will do. */
function accountsOf(accounts: Accounts, { lmsUserId, lmsUsername }: EventUser): string[] {
  const found = [accounts.get(lmsUserId), lmsUsername && accounts.get(lmsUsername.toLowerCase())];
  return [...new Set(found.filter((id) => typeof id === 'string' && id !== ''))] as string[];
}

/** Grade events name a user by number alone; the other events say whose number it is, where that is not known yet. */
async function learnUserIds(tx: EntityManager, users: readonly EventUser[]): Promise<void> {
  const named = users.flatMap(({ lmsUserId, lmsUsername }) =>
    lmsUsername ? [{ id: lmsUserId, username: lmsUsername }] : [],
  );
  await storeUserIds(tx, named, { isCurrent: false });
}

async function findAccounts(tx: EntityManager, users: readonly EventUser[]): Promise<Accounts> {
  if (users.length === 0) return new Map();
  const names = users.flatMap(({ lmsUsername }) => (lmsUsername ? [lmsUsername.toLowerCase()] : []));
  const rows = await tx.execute<{ account_id: string; edx_user_id: number | null; edx_username: string }[]>(
    `select link.account_id, link.edx_user_id, link.edx_username
     from edx_link link join account on account.id = link.account_id and account.status <> 'RETIRED'
     where link.edx_username is not null and (
       lower(link.edx_username) = any(array(select jsonb_array_elements_text(?::jsonb)))
       or link.edx_user_id = any(array(select jsonb_array_elements(?::jsonb)::bigint)))`,
    [JSON.stringify(names), JSON.stringify(users.map(({ lmsUserId }) => lmsUserId))],
  );
  return new Map(
    rows.flatMap((row): [number | string, string][] => [
      [row.edx_username.toLowerCase(), row.account_id],
      ...(row.edx_user_id === null ? [] : [[row.edx_user_id, row.account_id] satisfies [number, string]]),
    ]),
  );
}
