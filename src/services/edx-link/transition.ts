import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import { type EdxLink, EdxLinkEntity, EdxLinkEventEntity, type EdxLinkState } from '../../entities/edx-link.entity.js';
import type { Actor } from '../actor.js';
import { mayFollow } from './machine.js';

/** A step that the state machine does not have, or that somebody else's step came before: nothing was changed. */
export class RefusedTransitionError extends Error {
  override readonly name = 'RefusedTransitionError';
  constructor(from: EdxLinkState, to: EdxLinkState, why: string) {
    super(`an edX link does not go from ${from} to ${to}: ${why}`);
  }
}

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
 * transaction of `em`. The row is changed only where it still is in the state that the caller saw.
 *
 * @throws {@link RefusedTransitionError} when the state machine has no such step, or the link has moved meanwhile
 */
export async function moveLink(
  em: EntityManager,
  link: EdxLink,
  to: EdxLinkState,
  step: Step,
  now: Date,
): Promise<void> {
  const from: EdxLinkState = link.state;
  if (!mayFollow(from, to)) throw new RefusedTransitionError(from, to, 'there is no such step');
  const moved = await em.nativeUpdate(EdxLinkEntity, { id: link.id, state: from }, { state: to });
  if (moved !== 1) throw new RefusedTransitionError(from, to, 'it was moved meanwhile');
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
