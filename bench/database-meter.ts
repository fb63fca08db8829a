import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** What a database did so far for those that are connected to it. */
export interface DatabaseWork {
  /** Processor time; NaN where the system does not tell. */
  processorMs: number;
  /** What was written to the log of the server, in bytes: of commits, rows and indexes. */
  walBytes: number;
}

/** Looks how much a database has had to do; what it costs depends less than the clock on what else runs on the machine. */
export interface DatabaseMeter extends AsyncDisposable {
  /** Waits until what was left for later, such as chaining the audit, is done, too. */
  read(): Promise<DatabaseWork>;
}

/** Longer than what is put off is put off, and than a connection takes to count what it did. */
const settleMs = 2_500;
/** How Linux counts in `/proc`. */
const ticksPerSecond = 100;

/** @param databaseUrl - of a database that the measured server alone uses, on this machine */
export async function openDatabaseMeter(databaseUrl: string): Promise<DatabaseMeter> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async read() {
      await wait(settleMs);
      const { rows } = await client.query<{ pid: number; bytes: string }>(
        `select pid, (pg_stat_get_backend_wal(pid)).wal_bytes as bytes from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      return {
        processorMs: sum(rows.map(({ pid }) => processorMsOf(pid))),
        walBytes: sum(rows.map(({ bytes }) => Number(bytes))),
      };
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
