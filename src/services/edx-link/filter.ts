import type { FilterQuery } from '@mikro-orm/postgresql';
import type { EdxLink, EdxLinkState } from '../../entities/edx-link.entity.js';

/** Which links: all that is given must hold. */
export interface EdxLinkFilter {
  states?: readonly EdxLinkState[];
  /** Codes of the last error, e.g. `email-taken`. */
  reasons?: readonly string[];
  /** In its state since this moment, or longer. */
  unchangedSince?: Date;
  minAttempts?: number;
  /** Whether it will not, or for too long did not, go on by itself. */
  isStuck?: boolean;
}

/** States that a link leaves only when somebody acts, here or in the LMS. */
const restingStates: EdxLinkState[] = ['CONFLICT', 'REJECTED', 'MISSING_UPSTREAM'];
const movingStates: EdxLinkState[] = ['PENDING', 'CREATING'];
/** Under way for longer than this counts as stuck. */
export const longestWayMs = 3_600_000;

/** The condition of a filter. */
export function whereLinks(filter: EdxLinkFilter, now: Date): FilterQuery<EdxLink> {
  const { states, reasons, unchangedSince, minAttempts, isStuck } = filter;
  // The link itself is as it should be; what the person changed here never arrives.
  const refused: FilterQuery<EdxLink> = { state: 'LINKED', lastError: { retryable: false } };
  const notRefused: FilterQuery<EdxLink> = {
    $or: [{ state: { $ne: 'LINKED' } }, { lastError: null }, { lastError: { retryable: true } }],
  };
  const lost: FilterQuery<EdxLink> = {
    $or: [
      { state: { $in: restingStates } },
      { state: { $in: movingStates }, stateSince: { $lte: new Date(now.getTime() - longestWayMs) } },
    ],
  };
  const conditions: FilterQuery<EdxLink>[] = [];
  if (states) conditions.push({ state: { $in: [...states] } });
  if (reasons) conditions.push({ lastError: { code: { $in: [...reasons] } } });
  if (unchangedSince) conditions.push({ stateSince: { $lte: unchangedSince } });
  if (minAttempts !== undefined) conditions.push({ attempts: { $gte: minAttempts } });
  // What is stuck is among the unsettled; saying so lets the index of those be used.
  if (isStuck)
    conditions.push(
      { $or: [{ state: { $in: [...movingStates, ...restingStates] } }, refused] },
      { $or: [lost, refused] },
    );
  if (isStuck === false) conditions.push({ $not: lost }, notRefused);
  return { $and: conditions };
}
