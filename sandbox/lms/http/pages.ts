import type { Call } from './call.js';
import { ApiError } from './errors.js';

/** One page of a numbered list, with the links and counts of its envelope. */
export interface NumberedPage<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
  readonly previous: string | null;
  readonly count: number;
  readonly numPages: number;
  readonly page: number;
  readonly start: number;
}

export interface PageSizes {
  readonly byDefault: number;
  readonly most: number;
}

/**
 * Cuts the page that `page` and `page_size` ask for. A size of 0 or nonsense is the default, a larger one is capped.
 *
 * @throws ApiError 404 `Invalid page.` beyond the end, or for a page that is no number
 */
export function numberedPage<T>(call: Call, rows: readonly T[], sizes: PageSizes): NumberedPage<T> {
  const asked = Number.parseInt(call.argument('page_size') ?? '', 10);
  const size = asked > 0 ? Math.min(asked, sizes.most) : sizes.byDefault;
  const numPages = Math.max(1, Math.ceil(rows.length / size));
  const word = call.argument('page') || '1';
  const page = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (!(page >= 1 && page <= numPages)) throw new ApiError(404, 'Invalid page.');
  const start = (page - 1) * size;
  return {
    rows: rows.slice(start, start + size),
    next: page < numPages ? pageLink(call, page + 1) : null,
    previous: page > 1 ? pageLink(call, page - 1) : null,
    count: rows.length,
    numPages,
    page,
    start,
  };
}

/** The LMS's default envelope of numbered pages. */
export function pageEnvelope<T>({
  rows,
  next,
  previous,
  count,
  numPages,
  page,
  start,
}: NumberedPage<T>): Record<string, unknown> {
  return { next, previous, count, num_pages: numPages, current_page: page, start, results: rows };
}

/** The request's own absolute URL with another page; page 1 drops the argument. Arguments come out sorted, as in Django REST framework. */
function pageLink(call: Call, page: number): string {
  return linkWith(call, 'page', page === 1 ? null : String(page));
}

/** The request's own absolute URL with one argument set (or left out), arguments sorted by name. */
export function linkWith(call: Call, name: string, value: string | null): string {
  const query = new URLSearchParams(call.query);
  query.delete(name);
  if (value !== null) query.set(name, value);
  query.sort();
  const text = query.toString();
  return `${call.linkOrigin}${call.escapedPath}${text === '' ? '' : `?${text}`}`;
}
