import autocannon from 'autocannon';
import type { DatabaseWork } from '../database-meter.js';
import type { Measurement } from './measurements.js';

/** What one round of one measurement came to. */
export interface Round {
  /** Whole operations a second. */
  perSecond: number;
  /** Processor time of the server for each operation, in ms; it says more than the clock when others use the machine. */
  processorMs: number;
  /** What the database did for each operation. */
  database: DatabaseWork;
  /** Of single requests, in ms. */
  p50: number;
  p99: number;
}

/**
 * Asks as fast as the answers come, over so many connections.
 *
 * @throws when anything but the expected was answered: a server that refuses is fast
 */
export async function run(
  { name, side, requests, statuses, mustHold }: Measurement,
  options: LoadOptions,
): Promise<Round> {
  const { connections, seconds } = options;
  const verifyBody = (body: unknown) => String(body).includes(mustHold);
  // All of the round before is counted: whoever measured it waited for that.
  const stored = await side.database.read();
  const before = side.processorMs() ?? Number.NaN;
  const { url } = side;
  const result = await autocannon({ url, requests, connections, duration: seconds, timeout: 20, verifyBody });
  const answered = Object.keys(result.statusCodeStats ?? {}).map(Number);
  const unexpected = answered.filter((status) => !statuses.includes(status));
  const { errors, mismatches, statusCodeStats } = result;
  if (errors + mismatches + unexpected.length > 0 || answered.length === 0)
    throw new Error(
      `${side.name}, ${name}: ${errors} errors, ${mismatches} wrong, answers ${JSON.stringify(statusCodeStats)}`,
    );
  const { p50, p99 } = result.latency;
  const operations = result.requests.total / requests.length;
  const processorMs = ((side.processorMs() ?? Number.NaN) - before) / operations;
  await side.database.settle();
  const after = await side.database.read();
  const database = {
    processorMs: (after.processorMs - stored.processorMs) / operations,
    walBytes: (after.walBytes - stored.walBytes) / operations,
  };
  return { perSecond: operations / result.duration, processorMs, database, p50, p99 };
}

export interface LoadOptions {
  connections: number;
  seconds: number;
}
