import type { RowOutcome } from '../../entities/operation.entity.js';
import { isObject } from '../lms/refusals.js';
import { type EnrollmentLevel, foldKey, statusesOf } from './judge-row.js';

/** How rows are written: added only, changed only, or whichever applies. */
export type WriteMethod = 'POST' | 'PATCH' | 'PUT';

/** What the LMS says of one row. */
export interface RowAnswer {
  outcome: RowOutcome;
  /** Null for a row that went well. */
  reason: string | null;
}

const inProgram = 'The learner is in the program already. Send it as a change, or as an upsert.';
const notInProgram = 'The learner is not in the program. Enroll them there first.';

/** The LMS's words for rows that it did not take, as they are meant at each level. */
const refusals: Readonly<Record<EnrollmentLevel, Readonly<Record<string, RowAnswer>>>> = {
  program: {
    conflict: { outcome: 'CONFLICT', reason: inProgram },
    'not-in-program': { outcome: 'NOT_IN_PROGRAM', reason: `${notInProgram} Send it as an addition, or as an upsert.` },
  },
  course: {
    conflict: {
      outcome: 'CONFLICT',
      reason:
        'The learner is in this course run already, perhaps by way of another program: make them inactive there, or send it as an upsert.',
    },
    'not-in-program': { outcome: 'NOT_IN_PROGRAM', reason: notInProgram },
    'not-found': {
      outcome: 'NOT_FOUND',
      reason: 'The learner is not in this course run. Send it as an addition, or as an upsert.',
    },
  },
};
const atBothLevels: Readonly<Record<string, RowAnswer>> = {
  duplicated: { outcome: 'DUPLICATED', reason: 'The LMS found the key twice in what it was sent. Send it once.' },
  'invalid-status': { outcome: 'INVALID_STATUS', reason: 'The LMS does not take this status.' },
  'illegal-operation': { outcome: 'CONFLICT', reason: 'The LMS does not allow this change.' },
  'internal-error': {
    outcome: 'INTERNAL_ERROR',
    reason: 'The LMS failed with this row by a fault of its own; its log says why. Send it again later.',
  },
};

/**
 * Reads a map of keys and words.
 *
 * @returns an answer by folded key; keys of which the LMS says nothing, or nothing that is known, are missing
 */
export function readRowAnswers(body: unknown, level: EnrollmentLevel): Map<string, RowAnswer> | undefined {
  if (!isObject(body)) return undefined;
  const answers = new Map<string, RowAnswer>();
  for (const [key, word] of Object.entries(body)) {
    const answer = readWord(word, level);
    // The LMS may answer with the spelling that it has stored; a Registrar then says of the one that was sent that it failed.
    const isSaid = answer?.outcome === 'INTERNAL_ERROR' && answers.has(foldKey(key));
    if (answer && !isSaid) answers.set(foldKey(key), answer);
  }
  return answers;
}

function readWord(word: unknown, level: EnrollmentLevel): RowAnswer | undefined {
  if (typeof word !== 'string') return undefined;
  if (statusesOf[level].includes(word)) return { outcome: 'OK', reason: null };
  return refusals[level][word] ?? atBothLevels[word];
}

/**
 * What a row comes to of which the LMS has not said how it ended, by what it has now.
 *
 * @param present - the learner's status in the LMS; undefined when they are not there
 * @param what - how it came to this, as a sentence for a person
 */
export function answerByPresence(
  { status, method }: { status: string; method: WriteMethod },
  present: string | undefined,
  what: string,
): RowAnswer {
  if (present === status) return { outcome: 'OK', reason: null };
  if (present !== undefined && method === 'POST') return { outcome: 'CONFLICT', reason: inProgram };
  const now = present === undefined ? 'The LMS does not have the learner there.' : `There it is ${present}.`;
  return { outcome: 'UPSTREAM_REJECTED', reason: `${what} ${now}` };
}

/** What the LMS says is wrong with the only row of a request. */
export function explainRefusal(body: unknown): string {
  const message = isObject(body) ? body.developer_message : undefined;
  const faults = [Array.isArray(message) ? message[0] : message].flatMap((fault) =>
    isObject(fault)
      ? Object.entries(fault).map(([field, texts]) => `${field}: ${[texts].flat().join(' ')}`)
      : typeof fault === 'string'
        ? [fault]
        : [],
  );
  const words = faults.length === 0 ? '' : ` (${faults.join('; ').slice(0, 300)})`;
  return `The LMS refuses this row${words}.`;
}
