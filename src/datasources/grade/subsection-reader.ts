import { LRUCache } from 'lru-cache';
import type { CostBook } from '../cost/cost-book.js';
import type { KeyedAnswers } from '../keyed-answers.js';
import type { LmsSubsectionGrade, SubsectionGradeReads } from '../lms/subsection-grades.js';
import { createOneByOneReader } from '../one-by-one/one-by-one-reader.js';
import type { CallOptions } from '../upstream/call.js';
import { type GradeKey, gradeKeyOf } from './grade-reader.js';

export interface SubsectionReader {
  /** By {@link gradeKeyOf}, one call each; undefined when the learner never enrolled. */
  readSubsections(
    keys: readonly GradeKey[],
    options: CallOptions,
  ): Promise<KeyedAnswers<LmsSubsectionGrade[] | undefined>>;
}

/** For how long a run is taken to have no gradebook. */
const rememberMs = 15 * 60_000;
const runsRemembered = 5_000;

/** The gradebook has all of a section; where an operator switched it off, the breakdown has the percents. */
export function createSubsectionReader(api: SubsectionGradeReads, costs: CostBook): SubsectionReader {
  const withoutGradebook = new LRUCache<string, true>({ max: runsRemembered, ttl: rememberMs });
  const read = async ({ courseKey, username }: GradeKey, options: CallOptions) => {
    if (!withoutGradebook.has(courseKey)) {
      const entry = await api.gradebookEntry(courseKey, username, options);
      if (entry !== 'no-gradebook') return entry;
      withoutGradebook.set(courseKey, true);
    }
    return api.gradeBreakdown(courseKey, username, options);
  };
  return {
    readSubsections: createOneByOneReader({
      plan: 'grades of sections',
      endpoint: 'grade.sections',
      costs,
      nameOf: gradeKeyOf,
      read,
      rowsOf: () => 1,
    }),
  };
}
