import type { ProgramRef } from './program-ref.js';

/** A program, or one course run of it. */
export interface EnrollmentPlace {
  program: ProgramRef;
  courseKey?: string | undefined;
}

/** What is there of one learner. */
export interface PresentEnrollment {
  /** As it is compared. */
  foldedKey: string;
  status: string;
}

/**
 * Looks for some learners in the list of a place. Nobody can be asked for them alone, so that it is read until all are found.
 *
 * @param keys - as they are compared
 * @returns their statuses, by folded key
 */
export async function findPresent(
  list: () => AsyncIterable<PresentEnrollment[]>,
  keys: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (keys.size === 0) return found;
  for await (const page of list()) {
    for (const { foldedKey, status } of page) if (keys.has(foldedKey)) found.set(foldedKey, status);
    if (found.size === keys.size) break;
  }
  return found;
}
