import type { EntityManager } from '@mikro-orm/postgresql';

/** One SQL statement with numbered parameters. The name makes PostgreSQL plan it once for each connection. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs a statement that is asked very often past the entity manager, which would put its text together anew each time: through the same
 * pool, in no transaction. Times come as PostgreSQL writes them.
 *
 * @throws DatabaseUnavailableError as everything that goes through the pool
 */
export async function runPrepared<Row extends object>(
  em: EntityManager,
  { name, text }: PreparedStatement,
  values: readonly unknown[],
): Promise<Row[]> {
  const pool = await em.getDriver().getConnection().getNativeClient();
  const { rows } = await pool.query<Row>({ name, text, values: [...values] });
  return rows;
}
