const current = /^course-v1:[^/+\s]+\+[^/+\s]+\+[^/+?\s]+$/;
const deprecated = /^[^/+:\s]+\/[^/+:\s]+\/[^/+:?\s]+$/;

/** Whether the LMS can parse the key. One that it cannot is a 500, or a 400 for all keys of the call. */
export function isCourseKey(text: string): boolean {
  return current.test(text) || deprecated.test(text);
}
