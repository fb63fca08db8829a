import type { Improvement } from './improvement.js';
import type { RegistrarExchange } from './parse-registrar.js';
import { type Replayed, recordedWrites } from './replay-registrar.js';

/**
 * How an answer differs from what was recorded, or from what stands in its place. Of the calls upstream, writes are compared: the same
 * methods and addresses in the same order, and no more rows than Registrar sent; rows that are wrong by themselves Portico does not send.
 *
 * @param recordedBody - parsed
 */
export function differencesOf(
  exchange: RegistrarExchange,
  replayed: Replayed,
  { recordedBody, improvement }: { recordedBody: unknown; improvement: Improvement | undefined },
): string[] {
  const wanted = {
    status: improvement?.status ?? exchange.status,
    body: improvement && 'body' in improvement ? improvement.body : recordedBody,
    job: improvement && 'job' in improvement ? improvement.job : jobOf(exchange.job),
    result: improvement && 'result' in improvement ? improvement.result : exchange.result?.trimEnd(),
  };
  const differences = [
    ...compare('status', wanted.status, replayed.status),
    // A HEAD has no body, wherever it leads.
    ...(exchange.method === 'HEAD' ? [] : compare('body', wanted.body, replayed.body)),
    ...compare('job', wanted.job ?? undefined, jobOf(replayed.job)),
    ...((exchange.result ?? improvement?.result) == null
      ? []
      : compare('result', wanted.result ?? undefined, replayed.result)),
    ...compareAllow(exchange, replayed),
    ...(replayed.status === 401 ? compare('challenge', 'JWT realm="api"', replayed.challenge) : []),
  ];
  return improvement?.status === undefined && improvement?.job === undefined
    ? [...differences, ...compareWrites(recordedWrites(exchange), replayed.writes)]
    : differences;
}

function compare(what: string, wanted: unknown, actual: unknown): string[] {
  const [left, right] = [JSON.stringify(wanted), JSON.stringify(actual)];
  return left === right ? [] : [`${what}: ${left} is wanted, not ${right}`];
}

function jobOf(job: { state: string; text: string | null } | undefined): string | undefined {
  return job && `${job.state} ${job.text}`;
}

/** HEAD is not taken where a GET begins a job. */
function compareAllow({ answerHeaders }: RegistrarExchange, { status, allow }: Replayed): string[] {
  if (status !== 405 || answerHeaders.allow === undefined) return [];
  const methodsOf = (text: string) =>
    text
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .sort();
  return compare('allow', methodsOf(answerHeaders.allow), methodsOf(allow ?? ''));
}

function compareWrites(recorded: readonly string[], actual: readonly string[]): string[] {
  if (recorded.length === 0) return [];
  const split = (write: string) => ({ place: write.replace(/ \d+$/, ''), rows: Number(/\d+$/.exec(write)?.[0]) });
  const left = recorded.map(split);
  for (const { place, rows } of actual.map(split)) {
    while (left[0] && left[0].place !== place) left.shift();
    const at = left.shift();
    if (!at || rows > at.rows) return [`writes: ${recorded.join('; ')} are wanted, not ${actual.join('; ')}`];
  }
  return [];
}
