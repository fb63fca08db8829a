import type { Answer } from './answer.js';
import { json } from './answer.js';
import type { Call } from './call.js';
import { ApiError } from './errors.js';

/** A whole number above zero; nonsense is the default, as in Django REST framework. */
function positive(text: string | null, byDefault: number): number {
  return text !== null && /^\s*\+?\d+\s*$/.test(text) && Number(text) > 0 ? Number(text) : byDefault;
}

/**
 * A page of Django REST framework's page-number pagination: `page` and `page_size`, without a maximum; `page=last`.
 *
 * @throws ApiError 404 `Invalid page.`
 */
export function numberPage<T>(call: Call, rows: readonly T[], byDefault: number, view: (row: T) => unknown): Answer {
  const size = positive(call.argument('page_size'), byDefault);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const word = call.argument('page') ?? '1';
  const page = word === 'last' ? pages : /^\d+$/.test(word) ? Number(word) : 0;
  if (page < 1 || page > pages) throw new ApiError(404, 'Invalid page.');
  const linkTo = (to: number) => link(call, { page: to === 1 ? null : String(to) });
  return envelope(
    rows.length,
    page < pages ? linkTo(page + 1) : null,
    page > 1 ? linkTo(page - 1) : null,
    rows.slice((page - 1) * size, page * size).map(view),
  );
}

/** A page of its limit-offset pagination: `limit` and `offset`, without a maximum. */
export function offsetPage<T>(call: Call, rows: readonly T[], byDefault: number, view: (row: T) => unknown): Answer {
  const limit = positive(call.argument('limit'), byDefault);
  const offset = positive(call.argument('offset'), 0);
  const linkTo = (to: number) => link(call, { limit: String(limit), offset: to <= 0 ? null : String(to) });
  return envelope(
    rows.length,
    offset + limit < rows.length ? linkTo(offset + limit) : null,
    offset > 0 ? linkTo(offset - limit) : null,
    rows.slice(offset, offset + limit).map(view),
  );
}

function envelope(count: number, next: string | null, previous: string | null, results: readonly unknown[]): Answer {
  return json({ count, next, previous, results });
}

/** The request's own absolute URL with arguments set or left out; arguments sorted by name. */
function link(call: Call, changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(call.query);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value !== null) query.set(name, value);
  }
  query.sort();
  const text = query.toString();
  return `${call.linkOrigin}${call.escapedPath}${text === '' ? '' : `?${text}`}`;
}
