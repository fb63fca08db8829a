import { Pool } from 'undici';

/** One learner's page, as it is asked of one side. */
export interface PageRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface LoadResult {
  perSecond: number;
  /** Of single pages, in ms, sorted. */
  tookMs: number[];
}

/**
 * Asks for each page once, over so many connections as fast as the answers come.
 *
 * @param isWhole - whether an answer has everything
 * @throws when one has not: a server that leaves out is fast
 */
export async function askForPages(
  url: string,
  requests: readonly PageRequest[],
  { connections, isWhole }: { connections: number; isWhole(body: string): boolean },
): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const left = [...requests];
  const tookMs: number[] = [];
  const work = async () => {
    for (let request = left.shift(); request; request = left.shift()) {
      const startedAt = performance.now();
      const { statusCode, body } = await pool.request({ ...request, body: request.body ?? null });
      const answer = await body.text();
      tookMs.push(performance.now() - startedAt);
      if (statusCode !== 200 || !isWhole(answer)) throw new Error(`${url}: ${statusCode} ${answer.slice(0, 500)}`);
    }
  };
  const startedAt = performance.now();
  try {
    await Promise.all(Array.from({ length: connections }, work));
  } finally {
    await pool.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: requests.length / seconds, tookMs: tookMs.sort((a, b) => a - b) };
}

/** @param sorted - at least one; @param part - 0..1 */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
