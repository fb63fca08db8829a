import type { View } from '../http/view.js';
import type { Lms } from '../lms.js';

/** The learning endpoints: enrollments, courses, grades, certificates. */
export function learningViews(_lms: Lms): View[] {
  return [];
}
