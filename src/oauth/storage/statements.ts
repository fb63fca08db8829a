import type { MikroORM } from '@mikro-orm/postgresql';
import { type PreparedStatement, runPrepared } from '../../entities/prepared-statement.js';

export type Statement = PreparedStatement;

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
  return (statement, values) => runPrepared(orm.em, statement, values);
}
