export type CourseStep = { kind: 'list'; courseKeys: string[] } | { kind: 'detail'; courseKey: string };

export interface CoursePlanOptions {
  maxBytes: number;
  bytesOf(courseKey: string): number;
  split(
    keys: readonly string[],
    limits: { maxCount: number; maxBytes: number; bytesOf(key: string): number },
  ): string[][];
  /** False when the list would have to wait for its throttle, which is the tightest of the LMS. */
  isListOpen: boolean;
  /** False when the LMS ignores the filter by course keys. */
  hasKeysFilter: boolean;
}

const maxKeys = 100;
/** Single reads are not throttled: so many stand in for a list that would have to wait. */
const maxDetails = 10;

/**
 * Course runs by key: lists of up to a hundred. A lone key is read by itself, which spends nothing of the list's throttle;
 * so are a few while the list is not open.
 *
 * @param courseKeys - well-formed; the list refuses all when one is not
 */
export function planCourses(courseKeys: readonly string[], options: CoursePlanOptions): CourseStep[] {
  const wanted = [...new Set(courseKeys)];
  const isDetail =
    !options.hasKeysFilter || wanted.length === 1 || (!options.isListOpen && wanted.length <= maxDetails);
  if (isDetail) return wanted.map((courseKey) => ({ kind: 'detail', courseKey }));
  const lists = options.split(wanted, { maxCount: maxKeys, maxBytes: options.maxBytes, bytesOf: options.bytesOf });
  return lists.map((keys) => ({ kind: 'list', courseKeys: keys }));
}
