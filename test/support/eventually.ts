/**
 * Asks again until the answer is there.
 *
 * @param deadlineMs - after which it throws, naming what was awaited
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { deadlineMs = 15_000, pauseMs = 50 } = {},
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
