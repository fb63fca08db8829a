const PART = '[\\p{L}\\p{N}_\\-~.:]+';
const MODERN = new RegExp(`^course-v1:(?<org>${PART})\\+(?<number>${PART})\\+(?<run>${PART})$`, 'u');
const DEPRECATED = /^(?<org>[\w\-~.]+)\/(?<number>[\w\-~.]+)\/(?<run>[\w\-~.]+)$/;

export interface CourseKeyParts {
  readonly org: string;
  readonly number: string;
  readonly run: string;
}

/** The parts of a course run key, modern or deprecated; null for a text that the LMS cannot parse. */
export function parseCourseKey(text: string): CourseKeyParts | null {
  const { org = '', number = '', run = '' } = (MODERN.exec(text) ?? DEPRECATED.exec(text))?.groups ?? {};
  return org === '' ? null : { org, number, run };
}

export function isCourseKey(text: string): boolean {
  return parseCourseKey(text) !== null;
}
