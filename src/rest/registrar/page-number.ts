import { notFound } from './refusal.js';

const defaultSize = 100;
/** Without a limit one request could ask for everything at once. */
const largestSize = 1000;

/** Part of a list, in the envelope of version 3. */
export interface PageOfList<Row> {
  count: number;
  next: string | null;
  previous: string | null;
  results: Row[];
}

/**
 * Cuts the asked page out of a list by `page` (from 1, or `last`) and `page_size` (100 unless it is a positive number).
 *
 * @param address - of the request, which the links to its neighbors differ from by `page` alone
 * @throws Refusal 404 `Invalid page.` for a page that is none
 */
export function pageOf<Row>(rows: readonly Row[], address: URL): PageOfList<Row> {
  const size = sizeOf(address.searchParams.get('page_size'));
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const asked = address.searchParams.get('page') ?? '1';
  const page = asked === 'last' ? pages : Number(/^\d{1,9}$/.test(asked) ? asked : Number.NaN);
  if (!(page >= 1 && page <= pages)) throw notFound('Invalid page.');
  return {
    count: rows.length,
    next: page < pages ? linkTo(address, page + 1) : null,
    previous: page > 1 ? linkTo(address, page - 1) : null,
    results: rows.slice((page - 1) * size, page * size),
  };
}

function sizeOf(asked: string | null): number {
  const size = asked !== null && /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
  return size === 0 ? defaultSize : Math.min(size, largestSize);
}

/** The first page goes without a number. */
function linkTo(address: URL, page: number): string {
  const link = new URL(address);
  if (page === 1) link.searchParams.delete('page');
  else link.searchParams.set('page', String(page));
  link.searchParams.sort();
  return link.href;
}
