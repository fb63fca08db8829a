import { InvalidInputError } from '../../errors.js';
import type { Page, PageRequest } from '../../services/keyset.js';

/**
 * One page of a list that is at hand as a whole.
 *
 * @throws {@link InvalidInputError} for a cursor whose row is no longer in the list
 */
export function pageOfList<Row extends { id: string }>(list: readonly Row[], page: PageRequest): Page<Row> {
  const start = page.after === undefined ? 0 : placeOf(list, page.after, 'after') + 1;
  const end = page.before === undefined ? list.length : placeOf(list, page.before, 'before');
  const within = list.slice(start, Math.max(start, end));
  const rows = page.fromEnd ? within.slice(Math.max(0, within.length - page.size)) : within.slice(0, page.size);
  const isCut = rows.length < within.length;
  return {
    rows,
    hasPreviousPage: page.fromEnd && isCut ? true : start > 0,
    hasNextPage: !page.fromEnd && isCut ? true : end < list.length,
    count: async () => list.length,
  };
}

function placeOf(list: readonly { id: string }[], id: string, field: string): number {
  const place = list.findIndex((row) => row.id === id);
  if (place === -1)
    throw new InvalidInputError(`${field} is not a cursor of this list. Begin again without it.`, {
      field: [field],
      reason: 'BAD_PAGE',
    });
  return place;
}
