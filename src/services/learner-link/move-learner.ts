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
  step: LearnerStep,
  now: Date,
): Promise<void> {
  addLearnerStep(tx, link, from, step, now);
  await tx.flush();
}

function addLearnerStep(
  tx: EntityManager,
  link: LearnerLink,
  from: LearnerLink['state'] | null,
  { actor, cause, detail }: LearnerStep,
  now: Date,
): void {
  tx.create(LearnerLinkEventEntity, {
    learnerLinkId: link.id,
    at: now,
    from,
    to: link.state,
    actorId: actor.accountId,
    cause,
    detail: detail ?? null,
  });
}

/**
 * Ties a learner to a person, in the caller's transaction. An account is one learner of an organization: where it is another one
 * already, the learner is in CONFLICT, and the reason says by which key. What changes nothing leaves no line in the history.
 */
export function tieLearner(
  tx: EntityManager,
  link: LearnerLink,
  person: Person,
  step: LearnerStep & { source: string },
  now: Date,
): Promise<void> {
  return tieLearners(tx, [{ link, person }], step, now);
}

/**
 * The same for many learners of one organization, of whom none is tied to an account yet: some statements for all of them. Of several who
 * turn out to be the same account the first has it.
 */
export async function tieLearners(
  tx: EntityManager,
  ties: readonly { link: LearnerLink; person: Person }[],
  { source, ...step }: LearnerStep & { source: string },
  now: Date,
): Promise<void> {
  const holders = await findHolders(tx, ties);
  for (const { link, person } of ties) {
    const holder = person.accountId === null ? undefined : holders.get(person.accountId);
    const isHeld = holder !== undefined && holder.id !== link.id;
    const state = isHeld ? 'CONFLICT' : 'LINKED';
    const reason = isHeld ? `This person is the organization’s learner ${holder.externalKey} already.` : null;
    const isSame =
      link.state === state &&
      (link.accountId ?? null) === person.accountId &&
      link.lmsUsername?.toLowerCase() === person.lmsUsername?.toLowerCase() &&
      (link.reason ?? null) === reason;
    if (!isHeld && person.accountId !== null) holders.set(person.accountId, link);
    if (isSame) continue;
    const from = link.state;
    Object.assign(link, {
      ...person,
      state,
      reason,
      source,
      unlinkedUsername: null,
      linkedAt: isHeld ? null : (link.linkedAt ?? now),
    });
    addLearnerStep(tx, link, from, step, now);
  }
  await tx.flush();
}

/** The learner of the same organization that the person is already. */
export async function findHolder(
  tx: EntityManager,
  { id, organizationId }: Pick<LearnerLink, 'id' | 'organizationId'>,
  { accountId }: Pick<Person, 'accountId'>,
): Promise<LearnerLink | null> {
  if (accountId === null) return null;
  return tx.findOne(LearnerLinkEntity, { organizationId, accountId, state: 'LINKED', id: { $ne: id } });
}

/** Who each account is already in the organization of the learners, by account. */
async function findHolders(
  tx: EntityManager,
  ties: readonly { link: LearnerLink; person: Person }[],
): Promise<Map<string, LearnerLink>> {
  const accountIds = ties.flatMap(({ person: { accountId } }) => accountId ?? []);
  const [first] = ties;
  if (first === undefined || accountIds.length === 0) return new Map();
  const { organizationId } = first.link;
  const holders = await tx.find(LearnerLinkEntity, {
    organizationId,
    accountId: { $in: accountIds },
    state: 'LINKED',
  });
  return new Map(holders.flatMap((holder) => (holder.accountId == null ? [] : [[holder.accountId, holder] as const])));
}
