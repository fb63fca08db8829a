import { isPast } from '../instant.js';
import { courseMode } from '../population.js';
import type { CourseMode, CourseRun } from '../rows.js';

/** What a course without mode rows is taken to offer. */
const DEFAULT_MODE: CourseMode = courseMode('audit');

/** The modes that a course offers now, or ever did. */
export function modesOf(course: CourseRun, now: Date, withExpired = false): readonly CourseMode[] {
  const offered = course.modes.filter(({ expiresAt }) => withExpired || expiresAt === null || !isPast(expiresAt, now));
  return offered.length === 0 ? [DEFAULT_MODE] : offered;
}

/** The mode of an enrollment that names none: audit if offered, else honor, else audit. */
export function defaultMode(course: CourseRun, now: Date): string {
  const slugs = modesOf(course, now).map(({ slug }) => slug);
  return !slugs.includes('audit') && slugs.includes('honor') ? 'honor' : 'audit';
}
