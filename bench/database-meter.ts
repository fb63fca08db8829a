import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** What a database did so far for those that are connected to it. */
export interface DatabaseWork {
  /** Processor time; NaN where the system does not tell. */
  processorMs: number;
  /** What was written to the log of the server by all of its databases, in bytes: of commits, rows and indexes. */
  walBytes: number;
}

/** Looks how much a database has had to do; what it costs depends less than the clock on what else runs on the machine. */
export interface DatabaseMeter extends AsyncDisposable {
  read(): Promise<DatabaseWork>;
  /** Waits until what was left for later, such as chaining the audit, is done and counted, too. */
  settle(): Promise<void>;
}

/** Longer than what is put off is put off. */
const settleMs = 2_500;
/** How Linux counts in `/proc`. */
const ticksPerSecond = 100;

/** @param databaseUrl - of a database that the measured server alone uses, on this machine */
export async function openDatabaseMeter(databaseUrl: string): Promise<DatabaseMeter> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  // By connection: a pool closes those that it does not need, and what these did was done nevertheless.
  const counted = new Map<number, number>();
  return {
    settle: () => wait(settleMs),
    async read() {
      const { rows } = await client.query<{ pids: number[] | null; walBytes: number }>(
        `select array_agg(pid) as pids, (pg_current_wal_insert_lsn() - '0/0')::float8 as "walBytes"
         from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      const [{ pids, walBytes } = { pids: [], walBytes: 0 }] = rows;
      for (const pid of pids ?? []) counted.set(pid, processorMsOf(pid));
      return { processorMs: [...counted.values()].reduce((sum, ms) => sum + ms, 0), walBytes };
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

function processorMsOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  // The name of the program, in parentheses, may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
