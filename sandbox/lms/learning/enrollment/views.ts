import type { View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { enrollmentAllowedViews } from './allowed.js';
import { enrollmentListViews } from './list.js';
import { enrollmentReadViews } from './reads.js';
import { unenrollViews } from './unenroll.js';

export function enrollmentViews(lms: Lms): View[] {
  return [
    ...enrollmentListViews(lms),
    ...enrollmentReadViews(lms),
    ...enrollmentAllowedViews(lms),
    ...unenrollViews(lms),
  ];
}
