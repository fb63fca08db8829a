import type { RowOutcome } from '../../entities/operation.entity.js';

/** What a row is about: a learner's place in the program, or in one course run of it. */
export type EnrollmentLevel = 'program' | 'course';

export const statusesOf: Readonly<Record<EnrollmentLevel, readonly string[]>> = {
  program: ['enrolled', 'pending', 'suspended', 'canceled', 'ended'],
  course: ['active', 'inactive'],
};

/** Why a row is not sent at all. */
export interface RowRefusal {
  outcome: RowOutcome;
  /** For a person: what is wrong, and what to do. */
  reason: string;
}

/** Characters of a key in the LMS. */
const longestKey = 255;

/** How a key is compared: as the LMS does, which knows no case. */
export function foldKey(externalKey: string): string {
  return externalKey.trim().toLowerCase();
}

/** What is wrong with a learner's key; one such key would have the LMS refuse a whole batch, or never find its learner. */
export function judgeKey(externalKey: string): RowRefusal | undefined {
  const key = externalKey.trim();
  if (key === '') return invalid('The student key is blank. Give each row the key by which you know the learner.');
  if (key.includes(':'))
    return invalid('The student key has a colon, with which the learner could never be linked. Use a key without one.');
  if (key.length > longestKey)
    return invalid(`The student key has ${key.length} characters; the LMS keeps ${longestKey}. Use a shorter one.`);
  return undefined;
}

/** What is wrong with a status. */
export function judgeStatus(status: string, level: EnrollmentLevel): RowRefusal | undefined {
  const known = statusesOf[level];
  if (known.includes(status)) return undefined;
  const words = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  if (status === '') return { outcome: 'INVALID_STATUS', reason: `The status is blank. Use ${words}.` };
  return {
    outcome: 'INVALID_STATUS',
    reason: `“${status.slice(0, 40)}” is no status. Use ${words}, in small letters.`,
  };
}

function invalid(reason: string): RowRefusal {
  return { outcome: 'INVALID', reason };
}
