import type { MikroORM } from '@mikro-orm/postgresql';

/** One SQL statement with numbered parameters. The name makes PostgreSQL plan it once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs one statement on its own: what it did is committed when it answers. */
export type RunStatement = <Row extends object = Record<string, unknown>>(
  statement: Statement,
  values: readonly unknown[],
) => Promise<Row[]>;

/**
 * Storage of the provider is asked for single rows, many times in a request; it goes past the identity map, with bound
 * parameters and named prepared statements, through the same pool as everything else.
 */
export function createStatementRunner(orm: MikroORM): RunStatement {
  return async <Row extends object>({ name, text }: Statement, values: readonly unknown[]) => {
    const pool = await orm.em.getDriver().getConnection().getNativeClient();
    const { rows } = await pool.query<Row>({ name, text, values: [...values] });
    return rows;
  };
}
