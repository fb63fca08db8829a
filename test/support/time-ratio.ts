/**
 * How much longer one work takes than another. Both run in turn, again and again, so that whatever else the machine does falls
 * on both.
 *
 * @returns the median time of the first, divided by that of the second
 */
export async function timeRatio(
  rounds: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    times[0].push(await timeOf(first));
    times[1].push(await timeOf(second));
  }
  return medianOf(times[0]) / medianOf(times[1]);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
