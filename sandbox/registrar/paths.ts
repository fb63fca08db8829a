const PROGRAM = '(?<program_key>[A-Za-z0-9_-]+)';
const COURSE = '(?<course_id>[^/+]+(?:/|\\+)[^/+]+(?:/|\\+)[^/?]+|[A-Za-z0-9_:-]+)';

/** A path of versions 1 and 2, which are one list of routes; the slash at the end may be left out. */
export function versionedPath(rest: string): RegExp {
  const source = rest.replace('{program_key}', PROGRAM).replace('{course_id}', COURSE);
  return new RegExp(`^/api/v(?<version>[12])/${source}/?$`, 'u');
}

/** It has no end: whatever follows is taken for it, too. */
export const REPORTS = new RegExp(`^/api/v(?<version>[12])/programs/${PROGRAM}/reports`, 'u');

export const INTERNAL_CACHE = new RegExp(`^/api/internal/cache(?:/${PROGRAM})?/?$`, 'u');
