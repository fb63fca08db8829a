import pg from 'pg';

/** Advisory locks of the database `postgres`; they end with the connection that holds them, so that no killed process blocks. */
const userLock = 8_053_000_010;
const starterLock = 8_053_000_011;

/** One process's claim that it uses the server. */
export interface Lease {
  /** Claims to be the one `portico start` of this database. @returns false when another process is */
  claimStart(): Promise<boolean>;
  /** Creates a database when it is missing. */
  ensureDatabase(name: string): Promise<void>;
  /** Gives the claim back. @returns whether nobody else uses the server, which should then be stopped */
  release(): Promise<boolean>;
}

/**
 * Connects and registers as a user of the server. Whoever leaves last stops it.
 *
 * @param url - `postgres://…/postgres`
 * @param onLost - called when the server ended while in use
 */
export async function takeLease(url: string, onLost: () => void): Promise<Lease> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'portico-lease',
    connectionTimeoutMillis: 5000,
  });
  let isReleased = false;
  client.on('error', () => {}); // `end` follows
  client.on('end', () => {
    if (!isReleased) onLost();
  });
  const isTrue = async (sql: string, values: unknown[]): Promise<boolean> =>
    (await client.query<{ yes: boolean }>(`select ${sql} as yes`, values)).rows[0]?.yes === true;
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [userLock]);
  } catch (error) {
    isReleased = true;
    await client.end().catch(() => {});
    throw error;
  }
  return {
    claimStart: () => isTrue('pg_try_advisory_lock($1)', [starterLock]),
    async ensureDatabase(name) {
      if (await isTrue('exists (select from pg_database where datname = $1)', [name])) return;
      await client.query(`create database ${client.escapeIdentifier(name)}`).catch(async (error: unknown) => {
        // Another process may have been faster.
        if (!(await isTrue('exists (select from pg_database where datname = $1)', [name]))) throw error;
      });
    },
    async release() {
      isReleased = true;
      try {
        await client.query('select pg_advisory_unlock_shared($1)', [userLock]);
        return await isTrue('pg_try_advisory_lock($1)', [userLock]);
      } catch {
        return false; // the server is gone already
      } finally {
        await client.end().catch(() => {});
      }
    },
  };
}
