import { setTimeout as delay } from 'node:timers/promises';

/** One dashboard that a learner opened. */
export interface Visit {
  /** From the moment at which the learner came, whatever the load generator was doing then, to the whole answer. */
  ms: number;
  /** Empty when everything was there. */
  faults: string[];
}

/**
 * Learners who come evenly over a time and wait for nobody else's answer.
 *
 * @param open - opens the dashboard of one learner; answers what was missing or wrong
 */
export async function letLearnersCome(
  learners: readonly string[],
  seconds: number,
  open: (learner: string) => Promise<string[]>,
): Promise<Visit[]> {
  const gapMs = (seconds * 1000) / learners.length;
  const startedAt = performance.now();
  return Promise.all(
    learners.map(async (learner, index) => {
      const comesAt = startedAt + index * gapMs;
      await delay(Math.max(0, comesAt - performance.now()));
      const faults = await open(learner).catch((error: unknown) => [String(error)]);
      return { ms: performance.now() - comesAt, faults };
    }),
  );
}

/** @param part - 0..1 */
export function quantile(visits: readonly Visit[], part: number): number {
  const sorted = visits.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
