import { badPage } from './read-page.js';

/**
 * A place in a list that the LMS gives page by page: a page of the LMS, and the row of it that was seen last. Where that row stood
 * finds the place again when the row itself is gone.
 */
export interface LmsListPlace {
  /** Cursor of the LMS; undefined for its first page. */
  page: string | undefined;
  /** Undefined before the first row of the page. `at` grows from row to row. */
  row: { name: string; at: number } | undefined;
}

/** Text of a place, opaque to clients. */
export function toLmsListCursor({ page, row }: LmsListPlace): string {
  return Buffer.from(JSON.stringify([page ?? null, row?.name ?? null, row?.at ?? null])).toString('base64url');
}

/** @throws InvalidInputError `BAD_PAGE` for any other text */
export function readLmsListCursor(cursor: string): LmsListPlace {
  const [page, name, at] = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  const isPage = page === null || (typeof page === 'string' && /^[\w=+/.%-]{1,400}$/.test(page));
  if (isPage && name === null && at === null) return { page: page ?? undefined, row: undefined };
  if (isPage && typeof name === 'string' && typeof at === 'number')
    return { page: page ?? undefined, row: { name, at } };
  throw badCursor();
}

/** The refusal of a cursor that leads nowhere. */
export function badCursor(): Error {
  return badPage('after', 'after is not a cursor of this list.');
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === 3 ? value : [];
  } catch {
    return [];
  }
}
