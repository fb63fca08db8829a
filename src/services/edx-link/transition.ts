import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import { type EdxLink, EdxLinkEventEntity, type EdxLinkState } from '../../entities/edx-link.entity.js';
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

export interface Step {
  actor: Actor;
  /** Stable word for the history, e.g. `account-created`, `registered`, `email-taken`. */
  cause: string;
  detail?: Record<string, unknown> | null;
}

/**
 * Moves a link to another state: row, history and announcement leave with the transaction of `em`.
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
  await recordStep(em, link, from, to, step, now);
  link.state = to;
  await em.flush();
  await publishChange(em, { topic: 'edx-link', accountId: link.accountId, edxLinkId: link.id });
}

/** Adds a line to a link's history. `from` is null for its first. */
export async function recordStep(
  em: EntityManager,
  link: EdxLink,
  from: EdxLinkState | null,
  to: EdxLinkState,
  step: Step,
  now: Date,
): Promise<void> {
  em.create(EdxLinkEventEntity, {
    edxLinkId: link.id,
    at: now,
    from,
    to,
    actorId: step.actor.accountId,
    cause: step.cause,
    detail: step.detail ?? null,
  });
  await em.flush();
}
