/** What the LMS's key library allows in each part; nothing of dots alone, which would lead to another path. */
const part = '(?!\\.+(?:[/+]|$))[\\p{L}\\p{N}_.~:-]+';
const current = new RegExp(`^course-v1:${part}\\+${part}\\+${part}$`, 'u');
const deprecated = new RegExp(`^${part}/${part}/${part}$`, 'u');

/** Whether the LMS can parse the key. One that it cannot is a 500, or a 400 for all keys of the call. */
export function isCourseKey(text: string): boolean {
  return current.test(text) || deprecated.test(text);
}

/** Organization and course of a key, without the run: equal for the runs of one course. */
export function courseOf(courseKey: string): string {
  return courseKey.split(/[+/]/).slice(0, 2).join('+').toLowerCase();
}

/** Key of the course that a run is of, e.g. `DemoU+CS101`; undefined for a text that is no key of a run. */
export function courseKeyOf(runKey: string): string | undefined {
  if (!isCourseKey(runKey)) return undefined;
  return runKey
    .replace(/^course-v1:/, '')
    .split(/[+/]/)
    .slice(0, 2)
    .join('+');
}
