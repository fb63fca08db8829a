import fc from 'fast-check';

/** How many cases each planner is tried with. */
export const casesOf = {
  'users → enrollments': 1200,
  'users × course runs → enrollments': 1200,
  'pairs → enrollments': 1200,
  'course runs → enrollments': 1000,
  'exact grades': 1500,
  'exact grades, best plan': 1200,
  'keys → course runs': 1000,
  'usernames → accounts': 1000,
  'e-mail addresses → users': 800,
  'users → identities': 800,
  'ids → mapping': 1000,
  'one by one': 800,
} as const;

/** Checks a property as often as its planner's name says. Pure, so that thousands take a second or two. */
export function property<T extends [unknown, ...unknown[]]>(
  name: keyof typeof casesOf,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void,
): void {
  fc.assert(fc.property<T>(...arbitraries, check), { numRuns: casesOf[name] });
}

/** Numbers from 0 to below 1, the same for the same seed: large cases from a small value. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Bytes of a key of the letters that keys here have, in a list of a URL, its comma included. */
export const bytesOf = (key: string): number => key.length + 1 + 2 * (key.split('+').length - 1);
