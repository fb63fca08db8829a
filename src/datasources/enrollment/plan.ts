/** One call of the Enrollment API, or one list of pages. */
export type EnrollmentStep =
  /** The staff list with the filters given; what it answers beyond them is dropped. */
  | { kind: 'list'; usernames: string[] | undefined; courseKey: string | undefined; courseKeys: string[] | undefined }
  /** All active rows of a learner whose name the list refuses. */
  | { kind: 'user'; username: string }
  | { kind: 'pair'; username: string; courseKey: string };

export interface EnrollmentWants {
  /** All rows of these learners; or, with `courseKeys`, their rows in these course runs. */
  users?: readonly string[];
  courseKeys?: readonly string[];
  /** Single rows, from anywhere. */
  pairs?: readonly { username: string; courseKey: string }[];
}

export interface EnrollmentPlanOptions {
  /** Bytes of the query string that the lists of one call may take together. */
  maxBytes: number;
  bytesOf(value: string): number;
  /** Splits a list by count and bytes. */
  split(
    keys: readonly string[],
    limits: { maxCount: number; maxBytes: number; bytesOf(key: string): number },
  ): string[][];
  /** Rows of a course run, inactive ones included, where they are known from an earlier reading. */
  rowsOfCourse(courseKey: string): number | undefined;
  /** Whether the list endpoint takes the name; one that it does not take fails the whole call. */
  isListable(username: string): boolean;
  /** False when the LMS has no staff list at all. */
  hasList: boolean;
  /** False when the LMS ignores the filter by several course runs. */
  hasCourseKeysFilter: boolean;
}

const maxKeys = 100;
const pageSize = 100;
/** Runs grow: pages are not planned to the brim. */
const pageFill = 0.9;

/**
 * The fewest calls that answer all wants. A learner whose rows are all read answers their single rows too; a lone row is
 * read by itself; several are read as the smallest block of learners and course runs that covers them.
 */
export function planEnrollments(wants: EnrollmentWants, options: EnrollmentPlanOptions): EnrollmentStep[] {
  const users = distinctNames(wants.users ?? []);
  const courseKeys = [...new Set(wants.courseKeys ?? [])];
  const coversUser = new Set(wants.courseKeys ? [] : users.map((name) => name.toLowerCase()));
  const pairs = distinctPairs(wants.pairs ?? []).filter((pair) => !coversUser.has(pair.username.toLowerCase()));
  return [
    ...(wants.users ? planUsers(users, wants.courseKeys && courseKeys, options) : planCourses(courseKeys, options)),
    ...planPairs(pairs, options),
  ];
}

/** Learners, in all course runs or in some. */
function planUsers(
  users: string[],
  courseKeys: string[] | undefined,
  options: EnrollmentPlanOptions,
): EnrollmentStep[] {
  if (users.length === 0 || courseKeys?.length === 0) return [];
  const listable = options.hasList ? users.filter(options.isListable) : [];
  const others = users.filter((name) => !listable.includes(name));
  const [only, second] = courseKeys ?? [];
  return [
    ...planBlocks(listable, courseKeys, options),
    ...others.map(
      (username): EnrollmentStep =>
        only !== undefined && second === undefined
          ? { kind: 'pair', username, courseKey: only }
          : { kind: 'user', username },
    ),
  ];
}

/**
 * Course runs with all their learners: one list each, since an answer is paged to its end one page after the other; but small
 * ones, as far as their sizes are known, together, as many as fill a page.
 */
function planCourses(courseKeys: string[], options: EnrollmentPlanOptions): EnrollmentStep[] {
  if (!options.hasList) return [];
  const step = (keys: string[]): EnrollmentStep => ({
    kind: 'list',
    usernames: undefined,
    courseKey: keys.length === 1 ? keys[0] : undefined,
    courseKeys: keys.length === 1 ? undefined : keys,
  });
  if (!options.hasCourseKeysFilter) return courseKeys.map((courseKey) => step([courseKey]));
  const bins: { keys: string[]; rows: number; bytes: number }[] = [];
  const bySize = courseKeys
    .map((key) => ({ key, rows: options.rowsOfCourse(key) ?? pageSize, bytes: options.bytesOf(key) }))
    .sort((one, other) => other.rows - one.rows);
  for (const { key, rows, bytes } of bySize) {
    const fits = bins.find(
      (bin) =>
        bin.rows + rows <= pageSize * pageFill &&
        bin.keys.length < maxKeys &&
        bin.bytes + bytes <= options.maxBytes &&
        !bin.keys.some((other) => isPartOf(other, key) || isPartOf(key, other)),
    );
    if (fits) {
      fits.keys.push(key);
      fits.rows += rows;
      fits.bytes += bytes;
    } else bins.push({ keys: [key], rows, bytes });
  }
  return bins.map(({ keys }) => step(keys));
}

/** Whether the LMS, which looks for parts of keys without regard to case, finds one key in the other. */
function isPartOf(part: string, key: string): boolean {
  return key.toLowerCase().includes(part.toLowerCase());
}

function planPairs(pairs: { username: string; courseKey: string }[], options: EnrollmentPlanOptions): EnrollmentStep[] {
  if (pairs.length === 0) return [];
  const listable = options.hasList ? pairs.filter((pair) => options.isListable(pair.username)) : [];
  const singles = (some: typeof pairs) => some.map((pair): EnrollmentStep => ({ kind: 'pair', ...pair }));
  const others = singles(pairs.filter((pair) => !listable.includes(pair)));
  const users = distinctNames(listable.map((pair) => pair.username));
  const block = planBlocks(users, [...new Set(listable.map((pair) => pair.courseKey))], options);
  const byCourse = Map.groupBy(listable, (pair) => pair.courseKey);
  const perCourse = [...byCourse].flatMap(([courseKey, some]) =>
    planBlocks(distinctNames(some.map((pair) => pair.username)), [courseKey], options),
  );
  const candidates = [singles(listable), block, perCourse];
  return [...candidates.reduce((best, next) => (mostCalls(next) < mostCalls(best) ? next : best)), ...others];
}

/** Learners times course runs, in as few calls as the two lists of each allow. */
function planBlocks(
  users: string[],
  courseKeys: string[] | undefined,
  options: EnrollmentPlanOptions,
): EnrollmentStep[] {
  if (users.length === 0) return [];
  const { maxBytes, bytesOf, split } = options;
  const listUsers = (bytes: number) => split(users, { maxCount: maxKeys, maxBytes: bytes, bytesOf });
  const step = (usernames: string[], courseKey?: string, keys?: string[]): EnrollmentStep => ({
    kind: 'list',
    usernames,
    courseKey,
    courseKeys: keys,
  });
  const [only, second] = courseKeys ?? [];
  if (only !== undefined && second === undefined)
    return listUsers(maxBytes - bytesOf(only)).map((usernames) => step(usernames, only));
  if (courseKeys === undefined || !options.hasCourseKeysFilter)
    return listUsers(maxBytes).map((usernames) => step(usernames));
  const splits = [1, 2, 3, 4, 5, 6, 7].map((eighths) => {
    const courseBytes = (maxBytes * eighths) / 8;
    const lists = split(courseKeys, { maxCount: maxKeys, maxBytes: courseBytes, bytesOf });
    const taken = Math.max(...lists.map((keys) => keys.reduce((sum, key) => sum + bytesOf(key), 0)));
    const names = listUsers(Math.max(maxBytes - taken, maxBytes / 8));
    return lists.flatMap((keys) => names.map((usernames) => step(usernames, undefined, keys)));
  });
  return splits.reduce((best, next) => (next.length < best.length ? next : best));
}

/** How many calls the steps take if every learner has a row in every course run asked for. */
function mostCalls(steps: EnrollmentStep[]): number {
  return steps.reduce((sum, step) => {
    if (step.kind !== 'list') return sum + 1;
    const rows = (step.usernames?.length ?? 0) * (step.courseKeys?.length ?? 1);
    return sum + Math.max(1, Math.ceil(rows / pageSize));
  }, 0);
}

/** The LMS compares names without regard to case; the first spelling stays. */
function distinctNames(names: readonly string[]): string[] {
  const bySpelling = new Map<string, string>();
  for (const name of names) if (!bySpelling.has(name.toLowerCase())) bySpelling.set(name.toLowerCase(), name);
  return [...bySpelling.values()];
}

function distinctPairs(pairs: readonly { username: string; courseKey: string }[]) {
  const byKey = new Map(pairs.map((pair) => [`${pair.username.toLowerCase()} ${pair.courseKey}`, pair]));
  return [...byKey.values()];
}
