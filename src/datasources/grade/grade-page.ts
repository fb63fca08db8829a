import type { LmsGrade } from '../lms/grades.js';
import type { LmsApi } from '../lms/lms-api.js';
import type { CallOptions } from '../upstream/call.js';

/** One page of the grades of a course run, in the LMS's own order. */
export interface GradePageKey {
  courseKey: string;
  /** Of the LMS; undefined for the first page. */
  cursor: string | undefined;
}

/** Name of a page among answers. */
export function gradePageNameOf({ courseKey, cursor = '' }: GradePageKey): string {
  return `${courseKey} ${cursor}`;
}

/** Rows that cannot be read are missing; of an unknown run there are none. */
export async function readGradePage(
  api: Pick<LmsApi, 'gradePages'>,
  { courseKey, cursor }: GradePageKey,
  options: CallOptions,
): Promise<{ rows: LmsGrade[]; cursor: string | undefined }> {
  for await (const page of api.gradePages(courseKey, options, cursor)) return { rows: page.rows, cursor: page.cursor };
  return { rows: [], cursor: undefined };
}
