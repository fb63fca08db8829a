import type { EnrollmentWrite } from '../../datasources/lms/enrollment-writes.js';
import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { EnrollmentIntent } from '../../entities/enrollment.entity.js';

export type EnrollmentApi = Pick<LmsApi, 'readEnrollment' | 'postEnrollment'>;

/** One wish, as the LMS is asked for it. */
export interface Task {
  intent: EnrollmentIntent;
  /** LMS username. */
  username: string;
  courseKey: string;
  /** What to enroll in: the first mode that the course run offers; undefined is the LMS's default. Never empty. */
  modes: readonly (string | undefined)[];
  force: boolean;
  /** An earlier try may have reached the LMS. */
  isRepeat: boolean;
}

/** `done`: as the LMS has it now; without a row when there is none and none was wanted. */
export type Fulfilment =
  | { kind: 'done'; enrollment: LmsEnrollment | undefined }
  | { kind: 'refused'; code: string; message: string };

/**
 * Fulfils a wish at the LMS. Reads before it repeats a write whose answer may have been lost, never writes what is already so,
 * and believes an answer only if it says what was asked for.
 *
 * @throws UpstreamUnavailableError - then the wish may be fulfilled or not; UpstreamRejectedError
 */
export async function fulfil(api: EnrollmentApi, task: Task, options: CallOptions): Promise<Fulfilment> {
  if (task.intent === 'UNENROLL') return unenroll(api, task, options);
  const [wanted] = task.modes;
  const needsLook = task.isRepeat || task.intent === 'CHANGE_MODE';
  const present = needsLook ? await api.readEnrollment(task.username, task.courseKey, options) : undefined;
  if (present && isFulfilled(present, wanted)) return { kind: 'done', enrollment: present };
  if (task.intent === 'CHANGE_MODE' && !present?.isActive) return notEnrolled;
  const first = await enroll(api, task, wanted, options);
  if (task.intent === 'CHANGE_MODE') return first;
  return fallBack(api, task, first, options);
}

/**
 * A course run may not offer a mode, or no longer: what the policy has in its place is tried, in order. Whoever takes part already,
 * in whatever mode, is left in it: a fall-back must never be a downgrade.
 */
async function fallBack(api: EnrollmentApi, task: Task, first: Fulfilment, options: CallOptions): Promise<Fulfilment> {
  if (task.modes.length < 2 || first.kind === 'done' || first.code !== 'mode-unavailable') return first;
  const present = await api.readEnrollment(task.username, task.courseKey, options);
  if (present?.isActive) return { kind: 'done', enrollment: present };
  let last: Fulfilment = first;
  for (const mode of task.modes.slice(1)) {
    if (last.kind === 'done' || last.code !== 'mode-unavailable') return last;
    last = await enroll(api, task, mode, options);
  }
  // What was wanted says more than the last resort.
  return last.kind === 'refused' && last.code === 'mode-unavailable' ? first : last;
}

async function enroll(
  api: EnrollmentApi,
  task: Task,
  mode: string | undefined,
  options: CallOptions,
): Promise<Fulfilment> {
  const write: EnrollmentWrite = {
    username: task.username,
    courseKey: task.courseKey,
    mode,
    isActive: true,
    force: task.force,
  };
  const first = await api.postEnrollment(write, options);
  if (first.kind === 'refused') return refused(first.refusal);
  if (isFulfilled(first.enrollment, mode)) return { kind: 'done', enrollment: first.enrollment };
  // The LMS may answer success and leave the row inactive, or in its old mode: the second request changes the row it found.
  const second = await api.postEnrollment(write, options);
  if (second.kind === 'refused') return refused(second.refusal);
  if (isFulfilled(second.enrollment, mode)) return { kind: 'done', enrollment: second.enrollment };
  return {
    kind: 'refused',
    code: 'not-activated',
    message: 'The LMS answered with success twice, but did not do what was asked. Try again, or ask its operators.',
  };
}

/** Deactivating an inactive row would activate it for a moment and change its mode: the LMS is asked to only when it is active. */
async function unenroll(api: EnrollmentApi, task: Task, options: CallOptions): Promise<Fulfilment> {
  const present = await api.readEnrollment(task.username, task.courseKey, options);
  if (!present?.isActive) return { kind: 'done', enrollment: present };
  const answer = await api.postEnrollment(
    { username: task.username, courseKey: task.courseKey, isActive: false },
    options,
  );
  if (answer.kind === 'refused') return refused(answer.refusal);
  if (!answer.enrollment.isActive) return { kind: 'done', enrollment: answer.enrollment };
  return {
    kind: 'refused',
    code: 'not-deactivated',
    message: 'The LMS answered with success, but the enrollment is still active. Try again, or ask its operators.',
  };
}

function isFulfilled(enrollment: LmsEnrollment, mode: string | undefined): boolean {
  return enrollment.isActive && (mode === undefined || enrollment.mode === mode);
}

function refused({ code, message }: { code: string; message: string }): Fulfilment {
  return { kind: 'refused', code, message };
}

const notEnrolled: Fulfilment = {
  kind: 'refused',
  code: 'not-enrolled',
  message: 'The LMS has no active enrollment whose mode could be changed.',
};
