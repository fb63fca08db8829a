import type { EntityName } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type PreparedStatement, runPrepared } from './prepared-statement.js';

/** What a read looks for: a name for its statement, and the rest of `select … from …`, with numbered parameters. */
export interface PreparedRead {
  readonly name: string;
  readonly rest: string;
}

/**
 * A read of whole rows of one entity by one prepared statement, for what is read on every page. The columns are those of the entity, so
 * that nothing has to be named twice; as with `find`, those that are lazy are left out. The rows are plain: they are not written back.
 *
 * @returns the read: it takes the parameters and reads through the pool, in no transaction
 */
export function prepareRead<Entity extends object>(
  entity: EntityName<Entity>,
  { name, rest }: PreparedRead,
): (em: EntityManager, ...values: unknown[]) => Promise<Entity[]> {
  return prepareRows(entity, name, (columns, table) => `select ${columns} from ${table} ${rest}`);
}

/**
 * The same for the rows of some keys, each at most once whatever is asked twice, by a plan that is made once for each connection.
 *
 * @param column - has an index
 * @param type - of the column, in PostgreSQL
 * @param order - e.g. `order by id`; none in particular without it
 * @returns the read: it takes the keys
 */
export function prepareReadByKeys<Entity extends object>(
  entity: EntityName<Entity>,
  { name, column, type, order = '' }: { name: string; column: string; type: 'text' | 'uuid'; order?: string },
): (em: EntityManager, keys: readonly string[]) => Promise<Entity[]> {
  const read = prepareRows(
    entity,
    name,
    (columns, table) => `select ${columns} from ${wantedKeys('$1', type)}
      cross join lateral (select * from ${table} where ${column} = wanted_key) found ${order}`,
  );
  return async (em, keys) => (keys.length === 0 ? [] : read(em, [...new Set(keys)]));
}

/**
 * The elements of an array, as a table `wanted` with the one column `wanted_key`. The `limit` takes nothing away: by it PostgreSQL
 * expects few keys where it does not know how many there are, looks each of them up in the index, and makes that plan once. With
 * `= any(…)` it makes a plan for every reading, which costs more than the reading, or one that looks through the whole table.
 */
export function wantedKeys(parameter: string, type: 'text' | 'uuid'): string {
  return `(select wanted_key from unnest(${parameter}::${type}[]) as wanted_key limit cardinality(${parameter})) wanted`;
}

/**
 * The same for another statement that answers rows of an entity.
 *
 * @param textOf - the statement, from the list of the columns to answer and the name of the table
 */
export function prepareRows<Entity extends object>(
  entity: EntityName<Entity>,
  name: string,
  textOf: (columns: string, table: string) => string,
): (em: EntityManager, ...values: unknown[]) => Promise<Entity[]> {
  // The same for every database, but known only once one is opened.
  let known: { statement: PreparedStatement; dates: string[] } | undefined;
  return async (em, ...values) => {
    known ??= plan(em, entity, name, textOf);
    const rows = await runPrepared<Entity>(em, known.statement, values);
    for (const row of rows) for (const name of known.dates) readDate(row, name);
    return rows;
  };
}

/**
 * The same columns as one JSON value, for a row that is read along with something else.
 *
 * @param row - name or alias of the table in the statement
 * @returns `sql` of the value, and what makes a row of it
 */
export function rowAsJson<Entity extends object>(
  em: EntityManager,
  entity: EntityName<Entity>,
  row: string,
): { sql: string; read(json: object): Entity } {
  const { columns, dates } = storedColumns(em, entity);
  const members = columns.map(({ column, name }) => `'${name}', ${row}."${column}"`);
  return {
    sql: `json_build_object(${members.join(', ')})`,
    read(json) {
      for (const name of dates) readDate(json, name);
      return json as Entity;
    },
  };
}

function plan<Entity extends object>(
  em: EntityManager,
  entity: EntityName<Entity>,
  name: string,
  textOf: (columns: string, table: string) => string,
) {
  const { table, columns, dates } = storedColumns(em, entity);
  const list = columns.map(({ column, name }) => `"${column}" as "${name}"`).join(', ');
  return { statement: { name, text: textOf(list, `"${table}"`) }, dates };
}

function storedColumns<Entity extends object>(em: EntityManager, entity: EntityName<Entity>) {
  const { props, tableName } = em.getMetadata().get(entity);
  const stored = props.filter(({ persist, lazy }) => persist !== false && lazy !== true);
  return {
    table: tableName,
    columns: stored.flatMap(({ fieldNames, name }) => fieldNames.map((column) => ({ column, name: String(name) }))),
    dates: stored.filter(({ runtimeType }) => runtimeType === 'Date').map(({ name }) => String(name)),
  };
}

function readDate(row: object, name: string): void {
  const text: unknown = Reflect.get(row, name);
  if (typeof text === 'string') Reflect.set(row, name, new Date(text));
}
