import type { RowOutcome } from '../../entities/operation.entity.js';
import type { BatchAnswer, EnrollmentWrite } from '../program/enrollment-store.js';
import type { EnrollmentPlace } from '../program/find-enrollments.js';
import { foldKey } from '../program/judge-row.js';

type Half = 'POST' | 'PATCH';

/** Which half is tried first, by place: the one that most learners of the last call wanted. */
export type UpsertHabit = Map<string, Half>;

/** Fewer rows than these, as a person writes them, say nothing of the next ones. */
const telling = 10;

/** What is said of a row that wants the other half: it is there already, or it is not. */
const otherHalf: Readonly<Record<Half, ReadonlySet<RowOutcome>>> = {
  POST: new Set<RowOutcome>(['CONFLICT']),
  PATCH: new Set<RowOutcome>(['NOT_FOUND', 'NOT_IN_PROGRAM']),
};

/**
 * Adds or changes rows, whichever applies: all of them by one half, and those that want the other by that. A file of new learners, and
 * one of learners who are all there, take a call for 25 rows, but for the first.
 *
 * @param send - one half; doing it twice is as good as once
 */
export async function upsert(
  { program, courseKey }: EnrollmentPlace,
  rows: readonly EnrollmentWrite[],
  habit: UpsertHabit,
  send: (half: Half, rows: readonly EnrollmentWrite[]) => Promise<BatchAnswer>,
): Promise<BatchAnswer> {
  const place = `${program.key} ${courseKey ?? ''}`;
  const half = habit.get(place) ?? 'POST';
  const other: Half = half === 'POST' ? 'PATCH' : 'POST';
  const first = await send(half, rows);
  if (first.kind !== 'rows') return first;
  const left = rows.filter(({ externalKey }) => wantsOther(half, first.answers.get(foldKey(externalKey))?.outcome));
  if (left.length === 0) return first;
  if (rows.length >= telling && left.length * 2 > rows.length) habit.set(place, other);
  const second = await send(other, left);
  const answers = new Map(first.answers);
  for (const { externalKey } of left) {
    const key = foldKey(externalKey);
    const answer = second.kind === 'rows' ? second.answers.get(key) : second.kind === 'all' ? second.answer : undefined;
    if (!answer) answers.delete(key);
    // What can be neither added nor changed, as a learner who is in the run by another program, stands as the conflict that it is.
    else if (other === 'POST' || !wantsOther(other, answer.outcome)) answers.set(key, answer);
  }
  return { kind: 'rows', answers };
}

function wantsOther(half: Half, outcome: RowOutcome | undefined): boolean {
  return outcome !== undefined && otherHalf[half].has(outcome);
}
