import { isCourseKey } from '../../datasources/course-key.js';
import { InvalidInputError } from '../../errors.js';

/** @throws {@link InvalidInputError} `INVALID_COURSE_KEY` */
export function requireCourseKey(text: string): string {
  const key = text.trim();
  if (key.length <= 255 && isCourseKey(key)) return key;
  throw new InvalidInputError('A course run key looks like course-v1:Org+Course+Run.', {
    field: ['courseKey'],
    reason: 'INVALID_COURSE_KEY',
  });
}

/** Slugs are words of the LMS, e.g. `audit`, `no-id-professional`; which ones a course run has is for the LMS to say. */
export function requireModeWord(text: string): string {
  if (/^[a-z][a-z0-9-]{0,99}$/.test(text)) return text;
  throw new InvalidInputError('An enrollment mode is a word like audit or verified.', {
    field: ['mode'],
    reason: 'INVALID_MODE',
  });
}
