import type { LmsEnrollment } from '../../datasources/lms/enrollments.js';
import type { GraphContext } from '../context.js';
import { type Selected, selectedPaths } from '../selection.js';

/** Fields of a course run that come from the LMS's catalogue. */
const detailsOfRun = ['title', 'start', 'end', 'enrollmentStart', 'enrollmentEnd', 'pacing', 'imageUrl', 'freshness'];

/**
 * Asks the LMS at once for what the fields of a list of enrollments will want, instead of when they are resolved: the rows of the list
 * are stored meanwhile. Nothing that the selection does not ask for; what fails here fails the fields that want it.
 *
 * @param info - of the field that is the connection
 * @param size - of the page: a longer list is not asked ahead for
 */
export function fetchAhead(
  rows: readonly LmsEnrollment[],
  { info, size }: { info: Selected; size: number },
  { learning }: Pick<GraphContext, 'learning'>,
): void {
  if (rows.length === 0 || rows.length > size) return;
  const paths = selectedPaths(info, 4);
  const asks = (field: string) => paths.has(`nodes.${field}`) || paths.has(`edges.node.${field}`);
  const ahead = (wanted: Promise<unknown>) => void wanted.catch(() => undefined);
  const active = rows.filter(({ isActive }) => isActive);
  const [first] = rows;
  // First what takes longest to read: the LMS answers in this order, or nearly so.
  if (detailsOfRun.some((name) => asks(`courseRun.${name}`)))
    for (const { courseKey } of rows) ahead(learning.courseRun.load(courseKey));
  for (const { username, courseKey } of asks('grade') ? active : [])
    ahead(learning.grade.load({ username, courseKey }));
  if (first && asks('certificate')) ahead(learning.certificatesOf.load(first.username));
  if (first && active.length > 0 && asks('resumeUrl')) ahead(learning.resumePointsOf.load(first.username));
}
