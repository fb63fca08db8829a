import { Type } from 'typebox';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { createParser } from '../upstream/parser.js';
import { encodeCoursePath, queryString } from '../upstream/query.js';
import { isNoGrade } from './grades.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall, LmsOperation } from './operations.js';
import { accepted, errorCodeOf } from './refusals.js';
import { CursorPage, Nullable } from './wire-types.js';

/** What a learner has in one graded section of a course run. Members that the LMS did not tell are null. */
export interface LmsSubsectionGrade {
  usageKey: string | null;
  name: string | null;
  /** Short, e.g. `HW 01`. */
  label: string | null;
  /** E.g. `Homework`. */
  assignmentType: string;
  isAttempted: boolean | null;
  earned: number | null;
  possible: number | null;
  /** 0..1 */
  percent: number;
}

/** Grades API v1, section by section; not throttled, dear: about 50 ms of the LMS's time for each learner. */
export interface SubsectionGradeReads {
  /** From the gradebook. Undefined when the learner never enrolled; `no-gradebook` where it is switched off for the run. */
  gradebookEntry(
    courseKey: string,
    username: string,
    options: CallOptions,
  ): Promise<LmsSubsectionGrade[] | 'no-gradebook' | undefined>;
  /** The parts of the grade without points; for a worker with a JWT only, of active enrollments only. */
  gradeBreakdown(courseKey: string, username: string, options: CallOptions): Promise<LmsSubsectionGrade[] | undefined>;
}

const parseEntry = createParser(
  'lms',
  Type.Object({
    section_breakdown: Type.Array(
      Type.Object({
        attempted: Type.Boolean(),
        category: Type.String(),
        label: Nullable(Type.String()),
        module_id: Type.String(),
        percent: Type.Number(),
        score_earned: Type.Number(),
        score_possible: Type.Number(),
        subsection_name: Type.String(),
      }),
    ),
  }),
);

const Part = Type.Object({
  percent: Type.Number(),
  label: Type.String(),
  category: Type.String(),
  prominent: Type.Optional(Type.Boolean()),
});
const parseBreakdown = createParser(
  'lms',
  CursorPage(Type.Object({ course_id: Type.String(), username: Type.String(), section_breakdown: Type.Array(Part) })),
);

export function createSubsectionGradeReads(client: LmsClient): SubsectionGradeReads {
  const call = <T>(operation: LmsOperation, path: string, read: (answer: UpstreamAnswer) => T): LmsCall<T> => ({
    operation,
    family: 'gradebook',
    method: 'GET',
    path: `/api/grades/v1/${path}`,
    credentials: 'worker',
    isIdempotent: true,
    read,
  });
  return {
    gradebookEntry(courseKey, username, options) {
      const path = `gradebook/${encodeCoursePath(courseKey)}/${queryString({ username })}`;
      const read = (answer: UpstreamAnswer): LmsSubsectionGrade[] | 'no-gradebook' | undefined => {
        if (isNoGrade(answer)) return undefined;
        if (answer.status === 403 && errorCodeOf(answer.body) === 'feature_not_enabled') return 'no-gradebook';
        return parseEntry(accepted('gradebook.read', answer)).section_breakdown.map((section) => ({
          usageKey: section.module_id,
          name: section.subsection_name,
          label: section.label,
          assignmentType: section.category,
          isAttempted: section.attempted,
          earned: section.score_earned,
          possible: section.score_possible,
          percent: section.percent,
        }));
      };
      return client.request(call('gradebook.read', path, read), options);
    },
    gradeBreakdown(courseKey, username, options) {
      const query = queryString({ username: [username], course_id: courseKey, page_size: 5 });
      const read = (answer: UpstreamAnswer): LmsSubsectionGrade[] | undefined => {
        const { results } = parseBreakdown(accepted('grade.breakdown', answer));
        const isWanted = (row: { course_id: string; username: string }) =>
          row.course_id === courseKey && row.username.toLowerCase() === username.toLowerCase();
        return results.find(isWanted)?.section_breakdown.filter(isOwnPart).map(fromPart);
      };
      return client.request(call('grade.breakdown', `section_grades_breakdown/${query}`, read), options);
    },
  };
}

/** Averages of several sections stand among them; where there is one section only, the average is all there is. */
function isOwnPart(part: Type.Static<typeof Part>, _: number, all: readonly Type.Static<typeof Part>[]): boolean {
  return !part.prominent || !all.some((other) => other.category === part.category && !other.prominent);
}

function fromPart({ label, category, percent }: Type.Static<typeof Part>): LmsSubsectionGrade {
  const untold = { usageKey: null, name: null, isAttempted: null, earned: null, possible: null };
  return { ...untold, label, assignmentType: category, percent };
}
