import type { Call } from './call.js';
import { ApiError } from './errors.js';
import { linkWith } from './pages.js';

/** How a list is ordered, and which of its values a cursor names. */
export interface CursorOrder<T> {
  readonly isDescending: boolean;
  /** The value that a cursor keeps, as text: an id, or a time as Python prints it. */
  readonly positionOf: (row: T) => string;
  /** Below, at or above a position, in ascending terms. @throws ApiError for a position that cannot be read */
  readonly compareTo: (row: T, position: string) => number;
}

interface Cursor {
  readonly offset: number;
  readonly isReversed: boolean;
  readonly position: string | null;
}

const FIRST: Cursor = { offset: 0, isReversed: false, position: null };
/** Larger offsets are cut off, so that a client cannot make the database skip its way through a table. */
const MOST_OFFSET = 1000;

/**
 * One page of a list in the way of Django REST framework's cursor pagination, links included.
 *
 * @param rows - the whole list, in its order
 * @throws ApiError 404 `Invalid cursor`
 */
export function cursorPage<T>(
  call: Call,
  rows: readonly T[],
  pageSize: number,
  order: CursorOrder<T>,
): { next: string | null; previous: string | null; results: readonly T[] } {
  const text = call.argument('cursor');
  const cursor = text === null ? FIRST : decodeCursor(text);
  const window = readWindow(rows, cursor, pageSize, order);
  const link = (to: Cursor | null): string | null => (to === null ? null : linkWith(call, 'cursor', encodeCursor(to)));
  return { next: link(nextCursor(window)), previous: link(previousCursor(window)), results: window.page };
}

/** What the links are computed from; `next` and `previous` are positions, null also when there is no such page. */
interface Window<T> {
  readonly page: readonly T[];
  readonly pageSize: number;
  readonly cursor: Cursor;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  readonly next: string | null;
  readonly previous: string | null;
  readonly positionOf: (row: T) => string;
}

function readWindow<T>(rows: readonly T[], cursor: Cursor, pageSize: number, order: CursorOrder<T>): Window<T> {
  const { position, offset, isReversed } = cursor;
  const side = (row: T): number =>
    (position === null ? 0 : order.compareTo(row, position)) * (order.isDescending ? -1 : 1);
  // Without a position a list is read from its end, whichever end that is.
  const from = isReversed
    ? (position === null ? rows.length : countBefore(rows, (row) => side(row) < 0)) - offset
    : (position === null ? 0 : countBefore(rows, (row) => side(row) <= 0)) + offset;
  const found = isReversed
    ? rows.slice(Math.max(0, from - pageSize), Math.max(0, from))
    : rows.slice(from, from + pageSize);
  const following = isReversed ? rows[from - pageSize - 1] : rows[from + pageSize];
  const followingPosition = following === undefined ? null : order.positionOf(following);
  const isBehindStart = position !== null || offset > 0;
  return {
    page: found,
    pageSize,
    cursor,
    positionOf: order.positionOf,
    hasNext: isReversed ? isBehindStart : following !== undefined,
    hasPrevious: isReversed ? following !== undefined : isBehindStart,
    next: isReversed ? position : followingPosition,
    previous: isReversed ? followingPosition : position,
  };
}

function nextCursor<T>({ page, pageSize, cursor, positionOf, ...around }: Window<T>): Cursor | null {
  if (!around.hasNext) return null;
  const last = page.at(-1);
  const isTurned = cursor.isReversed && cursor.offset !== 0;
  const compared = isTurned && last !== undefined ? positionOf(last) : around.next;
  const unique = findUnique(page.toReversed(), positionOf, compared);
  if (unique !== null) return { ...unique, isReversed: false };
  if (page.length === 0) return { offset: 0, isReversed: false, position: around.next };
  // Every row of the page has one position: only an offset tells them apart.
  if (!around.hasPrevious) return { offset: pageSize, isReversed: false, position: null };
  if (cursor.isReversed) return { offset: 0, isReversed: false, position: around.previous };
  return { offset: cursor.offset + pageSize, isReversed: false, position: around.previous };
}

function previousCursor<T>({ page, pageSize, cursor, positionOf, ...around }: Window<T>): Cursor | null {
  if (!around.hasPrevious) return null;
  const first = page[0];
  const isTurned = !cursor.isReversed && cursor.offset !== 0;
  const compared = isTurned && first !== undefined ? positionOf(first) : around.previous;
  const unique = findUnique(page, positionOf, compared);
  if (unique !== null) return { ...unique, isReversed: true };
  if (page.length === 0) return { offset: 0, isReversed: true, position: around.previous };
  if (!around.hasNext) return { offset: pageSize, isReversed: true, position: null };
  if (cursor.isReversed) return { offset: cursor.offset + pageSize, isReversed: true, position: around.next };
  return { offset: 0, isReversed: true, position: around.next };
}

/** How many rows at the beginning of an ordered list pass a test that no later row passes; by halving. */
function countBefore<T>(rows: readonly T[], passes: (row: T) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && passes(row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The nearest row whose position its neighbour does not share, and how many rows lie between. */
function findUnique<T>(
  page: readonly T[],
  positionOf: (row: T) => string,
  neighbour: string | null,
): { offset: number; position: string } | null {
  let compared = neighbour;
  for (const [offset, row] of page.entries()) {
    const position = positionOf(row);
    if (position !== compared) return { offset, position };
    compared = position;
  }
  return null;
}

function encodeCursor({ offset, isReversed, position }: Cursor): string {
  const tokens = new URLSearchParams();
  if (offset !== 0) tokens.set('o', String(offset));
  if (isReversed) tokens.set('r', '1');
  if (position !== null) tokens.set('p', position);
  return Buffer.from(tokens.toString(), 'ascii').toString('base64');
}

function decodeCursor(text: string): Cursor {
  // Python's decoder skips what is not of the alphabet, and insists on whole groups of four.
  const encoded = text.replace(/[^A-Za-z0-9+/=]/g, '');
  const bytes = Buffer.from(encoded, 'base64');
  if (encoded.length % 4 !== 0 || bytes.some((byte) => byte > 127)) throw invalidCursor();
  const tokens = new URLSearchParams(bytes.toString('ascii'));
  const [offset, reversed] = [tokens.get('o') ?? '0', tokens.get('r') ?? '0'];
  if (!/^\d+$/.test(offset) || !/^[+-]?\d+$/.test(reversed)) throw invalidCursor();
  return {
    offset: Math.min(Number(offset), MOST_OFFSET),
    isReversed: Number(reversed) !== 0,
    position: tokens.get('p'),
  };
}

export function invalidCursor(): ApiError {
  return new ApiError(404, 'Invalid cursor');
}

/** The order of lists by a whole-number id, ascending. */
export function byId<T extends { readonly id: number }>(): CursorOrder<T> {
  return {
    isDescending: false,
    positionOf: ({ id }) => String(id),
    compareTo: ({ id }, position) => {
      if (!/^\d+$/.test(position)) throw invalidCursor();
      return id - Number(position);
    },
  };
}

/** A page size argument: nonsense is the default, larger ones are capped. @returns 0 only when `0` was asked for */
export function pageSizeArgument(call: Call, byDefault: number, most = Number.POSITIVE_INFINITY): number {
  const text = call.argument('page_size')?.trim() ?? '';
  return /^\d+$/.test(text) ? Math.min(Number(text), most) : byDefault;
}
