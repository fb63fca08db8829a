import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';

/** Deletes rows that are of no use any more. */
export interface PruneService {
  /** @returns how many rows of each table; a table with very many is continued the next time */
  run(): Promise<Record<string, number>>;
  /** How many rows of each table could go now, but for what the OAuth provider keeps. */
  count(): Promise<Record<string, number>>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Rows of one run and table: short transactions, however much has piled up. */
const batchSize = 5_000;

/** What may go of a table, and how long beyond its end it is kept. */
interface Expiring {
  table: string;
  where: string;
  keptMs: number;
}

const expired: readonly Expiring[] = [
  { table: 'registration', where: 'expires_at < ?', keptMs: dayMs },
  { table: 'email_change', where: 'expires_at < ?', keptMs: dayMs },
  { table: 'identity_sign_in', where: 'expires_at < ?', keptMs: 0 },
  { table: 'passkey_challenge', where: 'expires_at < ?', keptMs: 0 },
  { table: 'data_export', where: 'expires_at < ?', keptMs: 0 },
  // One that is still being written is not old, however long that takes.
  {
    table: 'operation_file',
    where:
      'expires_at < ? and exists (select 1 from operation o where o.id = operation_id and o.finished_at is not null)',
    keptMs: 0,
  },
  { table: 'upload', where: 'expires_at < ?', keptMs: 0 },
  { table: 'parked_event', where: 'created_at < ?', keptMs: 30 * dayMs },
  { table: 'oauth_client_secret', where: 'expires_at < ?', keptMs: 30 * dayMs },
  // Older answers of the LMS are not even good for an outage.
  { table: 'learning_answer', where: 'as_of < ?', keptMs: 2 * dayMs },
  // Whoever the LMS told of by a number that nobody could be found for.
  { table: 'unknown_user_hint', where: 'raised_at < ?', keptMs: 2 * dayMs },
  { table: 'idempotency_key', where: 'created_at < ?', keptMs: 7 * dayMs },
  // A job that planned itself again while running leaves its former self behind, used up and without a failure.
  {
    table: 'graphile_worker._private_jobs',
    where: 'attempts >= max_attempts and locked_at is null and last_error is null and updated_at < ?',
    keptMs: hourMs,
  },
];

/** Rows first, so that no one statement deletes a hundred thousand of them. */
function finishedOperations(keptDays: number): Expiring[] {
  const keptMs = keptDays * dayMs;
  return [
    {
      table: 'operation_row',
      where: 'operation_id in (select id from operation where finished_at < ?)',
      keptMs,
    },
    {
      table: 'operation',
      where: 'finished_at < ? and not exists (select 1 from operation_row r where r.operation_id = operation.id)',
      keptMs,
    },
  ];
}

/** @param pruneOAuth - deletes what the OAuth provider keeps, by its own rules; answers how many rows */
export function createPruneService({
  em,
  clock,
  pruneOAuth,
  operationsKeptDays,
}: {
  em: EntityManager;
  clock: Clock;
  pruneOAuth: () => Promise<number>;
  operationsKeptDays: number;
}): PruneService {
  const expiring = [...expired, ...finishedOperations(operationsKeptDays)];
  return {
    async run() {
      const deleted: Record<string, number> = { oauth: await pruneOAuth() };
      for (const { table, where, keptMs } of expiring) {
        const before = new Date(clock().getTime() - keptMs);
        const rows = await em.fork().execute<unknown[]>(
          `delete from ${table} where ctid = any(array(
             select ctid from ${table} where ${where} limit ${batchSize} for update skip locked)) returning 1`,
          [before],
        );
        deleted[table] = rows.length;
      }
      return deleted;
    },
    async count() {
      const counts: Record<string, number> = {};
      for (const { table, where, keptMs } of expiring) {
        const before = new Date(clock().getTime() - keptMs);
        const [row] = await em
          .fork()
          .execute<{ count: number }[]>(`select count(*)::int as count from ${table} where ${where}`, [before]);
        counts[table] = row?.count ?? 0;
      }
      return counts;
    },
  };
}
