import { UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import type { BatchAnswer, EnrollmentStore, EnrollmentWrite } from '../program/enrollment-store.js';
import type { EnrollmentPlace } from '../program/find-enrollments.js';
import { foldKey } from '../program/judge-row.js';
import type { ProgramEnrollmentReads } from '../program/read-enrollments.js';
import { type RowAnswer, readRowAnswers } from '../program/write-answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { encodeCoursePath, encodePathSegment } from '../upstream/query.js';
import { detailOf, explainForbidden, isForbidden, programNotThere } from './refusals.js';
import type { RegistrarClient } from './registrar-client.js';
import { type UpsertHabit, upsert } from './upsert.js';

/**
 * Enrollments in a Registrar. It adds (`POST`) and changes (`PATCH`); whichever applies is both, one after the other.
 *
 * @see Registrar, `POST` and `PATCH` of `/api/v1/programs/{key}/[courses/{key}/]enrollments`
 */
export function createRegistrarEnrollmentStore(
  client: RegistrarClient,
  reads: Pick<ProgramEnrollmentReads, 'learnersOf' | 'courseLearnersOf'>,
): EnrollmentStore {
  const habit: UpsertHabit = new Map();
  return {
    upstream: 'registrar',
    async *list({ program, courseKey }, options) {
      const pages =
        courseKey === undefined
          ? reads.learnersOf(program, options)
          : reads.courseLearnersOf(program, courseKey, options);
      for await (const page of pages)
        yield page.map(({ externalKey, status }) => ({ foldedKey: foldKey(externalKey), status }));
    },
    send({ place, method, options }, rows) {
      const write = { client, place, options, isRepeatable: method !== 'POST' };
      if (method !== 'PUT') return sendOnce({ ...write, method }, rows);
      return upsert(place, rows, habit, (half, part) => sendOnce({ ...write, method: half }, part));
    },
  };
}

interface Sending {
  client: RegistrarClient;
  place: EnrollmentPlace;
  options: CallOptions;
  method: 'POST' | 'PATCH';
  /** Whether doing it twice is as good as once. */
  isRepeatable: boolean;
}

async function sendOnce(
  { client, place: { program, courseKey }, options, method, isRepeatable }: Sending,
  rows: readonly EnrollmentWrite[],
): Promise<BatchAnswer> {
  const course = courseKey === undefined ? '' : `courses/${encodeCoursePath(courseKey)}/`;
  try {
    return await client.request(
      {
        operation: 'program-enrollment.write',
        family: 'enrollments',
        method,
        path: `/api/v1/programs/${encodePathSegment(program.key)}/${course}enrollments`,
        body: {
          json: rows.map(({ externalKey, status, courseStaff }) => ({
            student_key: externalKey,
            status,
            ...(courseKey !== undefined && courseStaff !== undefined && { course_staff: courseStaff }),
          })),
        },
        credentials: 'worker',
        isIdempotent: isRepeatable,
        read: (answer) => readAnswer(answer, { key: program.key, courseKey }),
      },
      options,
    );
  } catch (error) {
    if (isForbidden(error)) throw await explainForbidden(client, program.key, options);
    throw error;
  }
}

const unknownCourse: RowAnswer = {
  outcome: 'COURSE_NOT_FOUND',
  reason: 'Registrar does not have this course run in the active curriculum of the program.',
};
const noStaff: RowAnswer = {
  outcome: 'UPSTREAM_REJECTED',
  reason:
    'Registrar does not take who is staff of a course run: its flag enable_course_role_management is off. Leave course_staff out.',
};

function readAnswer(
  answer: UpstreamAnswer,
  { key, courseKey }: { key: string; courseKey: string | undefined },
): BatchAnswer {
  const { status, body } = answer;
  if (status === 409) throw busy(key);
  if (status === 403 && detailOf(body).startsWith('"course_staff"')) return { kind: 'refused', alone: noStaff };
  if (status === 403) throw new UpstreamRejectedError(detailOf(body), { upstream: 'registrar', status, body });
  if (status === 404 && courseKey !== undefined) return { kind: 'all', answer: unknownCourse };
  if (status === 404) throw programNotThere(key, answer);
  const said = status < 300 || status === 422 ? readRowAnswers(body, courseKey ? 'course' : 'program') : undefined;
  if (!said) {
    if (status < 300 || status === 422) throw unavailable('registrar', 'bad-answer', { status, mayHaveHappened: true });
    const reason = `Registrar refuses this row (${detailOf(body).slice(0, 300) || `status ${status}`}).`;
    return { kind: 'refused', alone: { outcome: 'UPSTREAM_REJECTED', reason } };
  }
  // Its word for whatever the LMS did not say: no row is known to have failed by itself.
  const answers = new Map([...said].filter(([, { outcome }]) => outcome !== 'INTERNAL_ERROR'));
  if (answers.size > 0 || status !== 422) return { kind: 'rows', answers };
  return {
    kind: 'failed',
    what: 'The LMS behind Registrar does not take this row, and Registrar does not say why. Is the learner in the program by another key?',
    status,
  };
}

function busy(key: string): UpstreamUnavailableError {
  return new UpstreamUnavailableError(
    `Registrar is writing a file of the program ${key}, and takes nothing else meanwhile. Try again later.`,
    { upstream: 'registrar', why: 'throttled', status: 409 },
  );
}
