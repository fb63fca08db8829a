import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import { type EdxLink, EdxLinkEntity, EdxLinkEventEntity, type EdxLinkState } from '../../entities/edx-link.entity.js';
import type { Actor } from '../actor.js';

/** Which state may follow which. LINKED leaves only by being found missing, deactivated or unlinked. */
const successors: Record<EdxLinkState, readonly EdxLinkState[]> = {
  NOT_LINKED: ['PENDING', 'LINKED', 'DEACTIVATED'],
  PENDING: ['CREATING', 'LINKED', 'CONFLICT', 'REJECTED', 'NOT_LINKED', 'DEACTIVATED'],
  CREATING: ['PENDING', 'LINKED', 'CONFLICT', 'REJECTED', 'DEACTIVATED'],
  LINKED: ['MISSING_UPSTREAM', 'CONFLICT', 'NOT_LINKED', 'DEACTIVATED'],
  CONFLICT: ['PENDING', 'LINKED', 'NOT_LINKED', 'DEACTIVATED'],
  REJECTED: ['PENDING', 'LINKED', 'NOT_LINKED', 'DEACTIVATED'],
  MISSING_UPSTREAM: ['PENDING', 'LINKED', 'NOT_LINKED', 'DEACTIVATED'],
  DEACTIVATED: ['PENDING', 'NOT_LINKED'],
};

/** Loads the link for a change: nobody else changes it until the transaction ends. */
export function lockLink(tx: EntityManager, accountId: string): Promise<EdxLink | null> {
  return tx.findOne(EdxLinkEntity, { accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Who or what moves a link, for its history. */
export interface Step {
  actor: Actor;
  /** Stable word, e.g. `account-created`, `registered`, `email-taken`. */
  cause: string;
  detail?: Record<string, unknown> | null;
}

/**
 * Moves a link to another state and stores what else was changed on it: row, history and announcement leave with the
 * transaction of `em`.
 *
 * @throws Error when the state machine has no such step, which is a bug
 */
export async function moveLink(
  em: EntityManager,
  link: EdxLink,
  to: EdxLinkState,
  step: Step,
  now: Date,
): Promise<void> {
  const from: EdxLinkState = link.state;
  if (!successors[from].includes(to)) throw new Error(`an edX link cannot go from ${from} to ${to}`);
  link.state = to;
  link.stateSince = now;
  await recordStep(em, link, from, step, now);
}

/** Adds a line to a link's history, from a state (null for the first line) to the one it has now, and announces it. */
export async function recordStep(
  em: EntityManager,
  link: EdxLink,
  from: EdxLinkState | null,
  step: Step,
  now: Date,
): Promise<void> {
  em.create(EdxLinkEventEntity, {
    edxLinkId: link.id,
    at: now,
    from,
    to: link.state,
    actorId: step.actor.accountId,
    cause: step.cause,
    detail: step.detail ?? null,
  });
  await em.flush();
  await announceLink(em, link);
}

/** Tells whoever shows the link, and whoever keeps what the LMS said of it. */
export async function announceLink(em: EntityManager, link: EdxLink): Promise<void> {
  await publishChange(em, {
    topic: 'edx-link',
    accountId: link.accountId,
    edxLinkId: link.id,
    ...(link.edxUsername != null && { lmsUsername: link.edxUsername }),
    ...(link.remoteId != null && { remoteId: link.remoteId }),
  });
}
