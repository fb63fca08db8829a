import { InvalidInputError } from '../../errors.js';
import type { PageRequest } from '../../services/keyset.js';
import { isRowKey } from '../global-id.js';
import type { PageArgs } from './page.args.js';

export const defaultPageSize = 20;
export const largestPageSize = 200;

/**
 * Reads the arguments of a connection.
 *
 * @throws {@link InvalidInputError} for a size outside 0..200, for `first` together with `last`, and for a cursor of no list
 */
export function readPage({ first, after, last, before }: PageArgs): PageRequest {
  if (first != null && last != null) throw badPage('last', 'Ask for first or for last, not for both.');
  const size = readSize('first', first) ?? readSize('last', last) ?? defaultPageSize;
  return {
    size,
    fromEnd: last != null,
    ...(after != null && { after: readCursor('after', after) }),
    ...(before != null && { before: readCursor('before', before) }),
  };
}

/**
 * The size of a page of a list that can be read from its start only.
 *
 * @throws {@link InvalidInputError} outside 0..200
 */
export function readFirst(first: number | null | undefined): number {
  return readSize('first', first) ?? defaultPageSize;
}

/** The cursor of a row: opaque to clients. */
export function toCursor(rowId: string): string {
  return Buffer.from(rowId).toString('base64url');
}

function readCursor(field: string, cursor: string): string {
  const rowId = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!isRowKey(rowId)) throw badPage(field, `${field} is not a cursor of this list.`);
  return rowId;
}

function readSize(field: string, size: number | null | undefined): number | undefined {
  if (size == null) return undefined;
  if (size < 0 || size > largestPageSize) throw badPage(field, `${field} must be between 0 and ${largestPageSize}.`);
  return size;
}

/** The refusal of an argument of a connection. */
export function badPage(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, { field: [field], reason: 'BAD_PAGE' });
}
