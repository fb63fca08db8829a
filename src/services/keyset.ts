import type { EntityManager, EntityName, FilterQuery, QueryOrderMap } from '@mikro-orm/postgresql';

/** Which part of an ordered list is wanted: the first rows (after a row), or the last ones (before a row). */
export interface PageRequest {
  /** How many rows; already checked against the limits of whoever offers the list. */
  readonly size: number;
  /** `true`: the last rows of the list, or those just before `before`. */
  readonly fromEnd?: boolean;
  /** Id of the row that the page begins after. */
  readonly after?: string;
  /** Id of the row that the page ends before. */
  readonly before?: string;
}

/** One page of a stored list, in the order of the list whichever end it was taken from. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly hasPreviousPage: boolean;
  readonly hasNextPage: boolean;
  /** Counts the whole list; costs a query of its own. */
  count(): Promise<number>;
}

/**
 * Reads one page by keyset, in the order of creation: ids are UUIDv7, so no offset is counted and rows that come or go
 * meanwhile shift nothing.
 *
 * @param em - a fork of its own
 * @param where - what the list holds, without the page
 */
export async function findPage<Row extends { id: string }>(
  em: EntityManager,
  entity: EntityName<Row>,
  where: FilterQuery<Row>,
  page: PageRequest,
): Promise<Page<Row>> {
  const bounds = [
    where,
    ...(page.after === undefined ? [] : [{ id: { $gt: page.after } }]),
    ...(page.before === undefined ? [] : [{ id: { $lt: page.before } }]),
  ];
  const rows = await em.find(entity, { $and: bounds } as FilterQuery<Row>, {
    orderBy: { id: page.fromEnd ? 'desc' : 'asc' } as QueryOrderMap<Row>,
    limit: page.size + 1,
  });
  const hasMore = rows.length > page.size;
  if (hasMore) rows.pop();
  if (page.fromEnd) rows.reverse();
  return {
    rows,
    hasPreviousPage: page.fromEnd ? hasMore : page.after !== undefined,
    hasNextPage: page.fromEnd ? page.before !== undefined : hasMore,
    count: () => em.count(entity, where),
  };
}

/** The same for a list whose newest row comes first. */
export async function findNewestPage<Row extends { id: string }>(
  em: EntityManager,
  entity: EntityName<Row>,
  where: FilterQuery<Row>,
  { size, fromEnd, after, before }: PageRequest,
): Promise<Page<Row>> {
  const mirrored = await findPage(em, entity, where, {
    size,
    fromEnd: fromEnd !== true,
    ...(before !== undefined && { after: before }),
    ...(after !== undefined && { before: after }),
  });
  return {
    rows: mirrored.rows.toReversed(),
    hasPreviousPage: mirrored.hasNextPage,
    hasNextPage: mirrored.hasPreviousPage,
    count: mirrored.count,
  };
}
