import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import { badPage } from '../page/read-page.js';

/**
 * A place among the learners of a course run: a page of the LMS, and the row of it that was seen last. The row's time of creation
 * finds the place again when the row itself is gone.
 */
export interface RosterPlace {
  /** Cursor of the LMS; undefined for its first page. */
  page: string | undefined;
  /** Undefined before the first row of the page. */
  row: { username: string; createdAt: Date | null } | undefined;
}

/** Text of a place, opaque to clients. */
export function toRosterCursor({ page, row }: RosterPlace): string {
  const text = JSON.stringify([page ?? null, row?.username ?? null, row?.createdAt?.toISOString() ?? null]);
  return Buffer.from(text).toString('base64url');
}

/** @throws InvalidInputError `BAD_PAGE` for any other text */
export function readRosterCursor(cursor: string): RosterPlace {
  const [page, username, createdAt] = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  const isPlace =
    (page === null || (typeof page === 'string' && /^[\w=+/.%-]{1,400}$/.test(page))) &&
    (username === null || (typeof username === 'string' && username.length <= 150)) &&
    (createdAt === null || (typeof createdAt === 'string' && !Number.isNaN(Date.parse(createdAt))));
  if (!isPlace) throw badCursor();
  return {
    page: page ?? undefined,
    row: username === null ? undefined : { username, createdAt: createdAt === null ? null : new Date(createdAt) },
  };
}

export function badCursor(): Error {
  return badPage('after', 'after is not a cursor of this list.');
}

/** The rows of a page that come after a place: the LMS lists who enrolled last first. */
export function rowsAfter(rows: readonly LmsEnrollment[], { row }: RosterPlace): readonly LmsEnrollment[] {
  if (!row) return rows;
  const at = rows.findIndex(({ username }) => username.toLowerCase() === row.username.toLowerCase());
  if (at !== -1) return rows.slice(at + 1);
  const { createdAt } = row;
  return rows.filter((other) => createdAt === null || other.createdAt === null || other.createdAt < createdAt);
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === 3 ? value : [undefined];
  } catch {
    return [undefined];
  }
}
