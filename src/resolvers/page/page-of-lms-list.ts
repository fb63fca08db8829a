import type { Sourced } from '../../datasources/sourced.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { type Freshness, toFreshness } from '../upstream/freshness.type.js';
import type { ConnectionOf, EdgeOf } from './connection.type.js';
import { badCursor, type LmsListPlace, readLmsListCursor, toLmsListCursor } from './lms-list-cursor.js';

/** A list that the LMS gives page by page, from its start alone. */
export interface LmsList<Row, Node> {
  read(
    cursor: string | undefined,
  ): Promise<Sourced<{ readonly rows: readonly Row[]; readonly cursor: string | undefined }>>;
  /** Names a row within its page. */
  nameOf(row: Row): string;
  /** Where a row stands; grows from row to row of a page. */
  placeOf(row: Row, index: number): number;
  /** Makes the objects of rows, in their order; undefined for those that a filter leaves out. */
  toNodes(rows: readonly Row[], asOf: Date): Promise<(Node | undefined)[]>;
}

type LmsPage<Row> = Awaited<ReturnType<LmsList<Row, unknown>['read']>>;

/** Pages of the LMS that one page with a filter may look through before it is answered as it is. */
const maxPagesLookedThrough = 10;

interface Part<Row> {
  rows: { row: Row; place: LmsListPlace; isLast: boolean }[];
  read: Sourced<unknown>;
}

/**
 * A page of ours out of those of the LMS, which are read as far as it reaches. With a filter it may be shorter than asked for
 * although more follow. How many there are is not known: the LMS does not count, and to read all for it would be dear.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything: the list is unknown
 * @throws InvalidInputError `BAD_PAGE` for a cursor of another list
 */
export async function pageOfLmsList<Row, Node>(
  list: LmsList<Row, Node>,
  { size, after }: { size: number; after: string | undefined },
): Promise<ConnectionOf<Node> & { freshness: Freshness | null }> {
  const edges: EdgeOf<Node>[] = [];
  let end: Part<Row>['rows'][number] | undefined;
  let freshness: Freshness | null = null;
  let [isFull, partsRead] = [false, 0];
  for await (const { rows, read } of partsOf(list, after)) {
    freshness = older(freshness, toFreshness(read));
    const nodes = await list.toNodes(
      rows.map(({ row }) => row),
      read.asOf,
    );
    for (const [at, row] of rows.entries()) {
      isFull = edges.length >= size;
      if (isFull) break;
      end = row;
      const node = nodes[at];
      if (node !== undefined) edges.push({ node, cursor: toLmsListCursor(row.place) });
    }
    partsRead += 1;
    if (edges.length >= size || partsRead === maxPagesLookedThrough) break;
  }
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: end ? !end.isLast : isFull,
      hasPreviousPage: after !== undefined,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: end ? toLmsListCursor(end.place) : null,
    },
    totalCount: async () => null,
    freshness,
  };
}

async function* partsOf<Row>(
  list: Pick<LmsList<Row, unknown>, 'read' | 'nameOf' | 'placeOf'>,
  after: string | undefined,
): AsyncGenerator<Part<Row>> {
  const start: LmsListPlace = after === undefined ? { page: undefined, row: undefined } : readLmsListCursor(after);
  let place: LmsListPlace | undefined = start;
  while (place) {
    const { page, row: seen }: LmsListPlace = place;
    const read: LmsPage<Row> = await readPage(list, page, place === start && page !== undefined);
    const { rows, cursor } = read.value;
    const next: LmsListPlace | undefined = cursor === undefined ? undefined : { page: cursor, row: undefined };
    const placed = rows.map((row, index) => ({
      row,
      isLast: index === rows.length - 1 && !next,
      place:
        index === rows.length - 1 && next
          ? next
          : { page, row: { name: list.nameOf(row), at: list.placeOf(row, index) } },
    }));
    const known = seen ? placed.findIndex(({ row }) => list.nameOf(row) === seen.name) : -1;
    const isAfter = ({ row }: (typeof placed)[number], index: number) =>
      !seen || (known === -1 ? list.placeOf(row, index) >= seen.at : index > known);
    yield { read, rows: placed.filter(isAfter) };
    place = next;
  }
}

/** @param isGiven - whether the client brought the cursor, which the LMS may then refuse with good reason */
async function readPage<Row>(
  list: Pick<LmsList<Row, unknown>, 'read'>,
  cursor: string | undefined,
  isGiven: boolean,
): Promise<LmsPage<Row>> {
  try {
    return await list.read(cursor);
  } catch (error) {
    const isRefused = error instanceof UpstreamUnavailableError && error.why === 'bad-answer' && error.status === 404;
    throw isGiven && isRefused ? badCursor() : error;
  }
}

/** Of several readings the oldest counts. */
function older(one: Freshness | null, other: Freshness): Freshness {
  const asOf = one && one.asOf < other.asOf ? one.asOf : other.asOf;
  return { ...other, asOf, stale: (one?.stale ?? false) || other.stale };
}
