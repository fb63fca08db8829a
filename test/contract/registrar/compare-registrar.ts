import type { Improvement } from './improvement.js';
import type { RegistrarExchange } from './parse-registrar.js';
import type { Replayed } from './replay-registrar.js';
import { recordedCalls, type UpstreamCalls } from './upstream-calls.js';

/**
 * How an answer differs from what was recorded, or from what stands in its place. Of the calls of the LMS these are compared: addresses that
 * are read; methods and addresses of writes in their order; the rows, none that Registrar did not send, and all that the LMS took from it.
 * Rows that are wrong by themselves Portico does not send.
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
    ? [...differences, ...compareCalls(recordedCalls(exchange), replayed.sent, improvement)]
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

/** Not every recording tells what went upstream. */
function compareCalls(
  recorded: ReturnType<typeof recordedCalls>,
  sent: UpstreamCalls,
  improvement: Improvement | undefined,
): string[] {
  return [
    ...(recorded.writes.length > 0
      ? [...compareWrites(recorded.writes, sent.writes), ...compareRows(recorded, sent.rows, improvement?.rows)]
      : []),
    ...(recorded.reads.size > 0 ? compare('reads', [...recorded.reads].sort(), [...sent.reads].sort()) : []),
  ];
}

function compareWrites(recorded: readonly string[], actual: readonly string[]): string[] {
  const split = (write: string) => ({ place: write.replace(/ \d+$/, ''), rows: Number(/\d+$/.exec(write)?.[0]) });
  const left = recorded.map(split);
  for (const { place, rows } of actual.map(split)) {
    while (left[0] && left[0].place !== place) left.shift();
    const at = left.shift();
    if (!at || rows > at.rows) return [`writes: ${recorded.join('; ')} are wanted, not ${actual.join('; ')}`];
  }
  return [];
}

/** Nothing is sent that Registrar did not send, and all that the LMS took from it. */
function compareRows(
  { rows, taken }: ReturnType<typeof recordedCalls>,
  actual: ReadonlySet<string>,
  instead: Improvement['rows'],
): string[] {
  if (instead) {
    const told = [...actual].map((row) => JSON.parse(row.slice(row.indexOf(' ['))) as unknown);
    return compare('rows', instead, told);
  }
  const more = [...actual].filter((row) => !rows.has(row));
  const missing = [...taken].filter((row) => !actual.has(row));
  return [
    ...(more.length > 0 ? [`rows that Registrar did not send: ${more.join('; ')}`] : []),
    ...(missing.length > 0 ? [`rows that were not sent: ${missing.join('; ')}`] : []),
  ];
}
