import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { LmsEvent } from '../services/lms-event/lms-event.js';
import type { BusMessage } from './bus-message.js';
import { eventSchemas } from './event-schemas.js';

/** The message cannot be read, however often it comes. */
export class UnreadableMessageError extends Error {
  override readonly name = 'UnreadableMessageError';
}

const User = Type.Object({ id: Type.Integer(), pii: Type.Object({ username: Type.String({ minLength: 1 }) }) });
const Course = Type.Object({ course_key: Type.String({ pattern: '^\\S+$', maxLength: 255 }) });
const OfLearner = Type.Object({ user: User, course: Course });
const payload = {
  user: Type.Object({ user: User }),
  enrollment: Type.Object({ enrollment: OfLearner }),
  certificate: Type.Object({ certificate: OfLearner }),
  course_passing_status: Type.Object({ course_passing_status: OfLearner }),
  grade: Type.Object({ grade: Type.Object({ user_id: Type.Integer(), course: Course }) }),
  catalog_info: Type.Object({ catalog_info: Course }),
};

/**
 * What a message of the event bus is about.
 *
 * @returns undefined for events that Portico has no use for
 * @throws {@link UnreadableMessageError} for what is no event, or not written as its type is
 */
export function readEvent({ fields }: BusMessage): LmsEvent | undefined {
  const type = fields.get('type')?.toString();
  if (!type) throw new UnreadableMessageError('It names no event type.');
  const schema = eventSchemas.get(type);
  if (!schema) return undefined;
  const data = fields.get('event_data');
  if (!data) throw new UnreadableMessageError('It has no event_data.');
  const event = toEvent(decode(data, (bytes) => schema.fromBuffer(bytes)));
  if (!event) throw new UnreadableMessageError('Its event_data names no user or course run.');
  return event;
}

function decode(data: Buffer, read: (data: Buffer) => unknown): unknown {
  try {
    return read(data);
  } catch (error) {
    throw new UnreadableMessageError('Its event_data is not written as its type is: is the LMS newer than Portico?', {
      cause: error,
    });
  }
}

function toEvent(value: unknown): LmsEvent | undefined {
  if (Value.Check(payload.enrollment, value)) return ofLearner('enrollment', value.enrollment);
  if (Value.Check(payload.certificate, value)) return ofLearner('certificate', value.certificate);
  if (Value.Check(payload.course_passing_status, value)) return ofLearner('grade', value.course_passing_status);
  if (Value.Check(payload.user, value)) return { about: 'user', user: toUser(value.user) };
  if (Value.Check(payload.catalog_info, value))
    return { about: 'course-run', courseKey: value.catalog_info.course_key };
  if (Value.Check(payload.grade, value))
    return { about: 'grade', user: { lmsUserId: value.grade.user_id }, courseKey: value.grade.course.course_key };
  return undefined;
}

function ofLearner(
  about: 'enrollment' | 'grade' | 'certificate',
  { user, course }: Type.Static<typeof OfLearner>,
): LmsEvent {
  return { about, user: toUser(user), courseKey: course.course_key };
}

function toUser({ id, pii }: Type.Static<typeof User>) {
  return { lmsUserId: id, lmsUsername: pii.username };
}
