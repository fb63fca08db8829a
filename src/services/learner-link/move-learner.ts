import type { EntityManager } from '@mikro-orm/postgresql';
import { type LearnerLink, LearnerLinkEntity, LearnerLinkEventEntity } from '../../entities/learner-link.entity.js';
import type { Actor } from '../actor.js';

/** Who or what moves a learner, for the history. */
export interface LearnerStep {
  actor: Actor;
  /** Stable word, e.g. `lms`, `account-appeared`, `linked`, `unlinked`. */
  cause: string;
  detail?: Record<string, unknown> | null;
}

/** Whom a key turns out to be: an account, an LMS user, or both. */
export interface Person {
  accountId: string | null;
  lmsUsername: string | null;
  lmsUserId: number | null;
}

/** Stores what was changed on a learner with a line in their history; both leave with the transaction. */
export async function recordLearnerStep(
  tx: EntityManager,
  link: LearnerLink,
  from: LearnerLink['state'] | null,
  { actor, cause, detail }: LearnerStep,
  now: Date,
): Promise<void> {
  tx.create(LearnerLinkEventEntity, {
    learnerLinkId: link.id,
    at: now,
    from,
    to: link.state,
    actorId: actor.accountId,
    cause,
    detail: detail ?? null,
  });
  await tx.flush();
}

/**
 * Ties a learner to a person, in the caller's transaction. An account is one learner of an organization: where it is another one
 * already, the learner is in CONFLICT, and the reason says by which key. What changes nothing leaves no line in the history.
 */
export async function tieLearner(
  tx: EntityManager,
  link: LearnerLink,
  person: Person,
  { source, ...step }: LearnerStep & { source: string },
  now: Date,
): Promise<void> {
  const holder = await findHolder(tx, link, person);
  const state = holder ? 'CONFLICT' : 'LINKED';
  const reason = holder ? `This person is the organization’s learner ${holder.externalKey} already.` : null;
  const isSame =
    link.state === state &&
    (link.accountId ?? null) === person.accountId &&
    link.lmsUsername?.toLowerCase() === person.lmsUsername?.toLowerCase() &&
    (link.reason ?? null) === reason;
  if (isSame) return;
  const from = link.state;
  Object.assign(link, {
    ...person,
    state,
    reason,
    source,
    unlinkedUsername: null,
    linkedAt: holder ? null : (link.linkedAt ?? now),
  });
  await recordLearnerStep(tx, link, from, step, now);
}

/** The learner of the same organization that the person is already. */
export function findHolder(
  tx: EntityManager,
  { id, organizationId }: Pick<LearnerLink, 'id' | 'organizationId'>,
  { accountId }: Pick<Person, 'accountId'>,
): Promise<LearnerLink | null> {
  if (accountId === null) return Promise.resolve(null);
  return tx.findOne(LearnerLinkEntity, { organizationId, accountId, state: 'LINKED', id: { $ne: id } });
}
