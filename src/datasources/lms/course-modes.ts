import type { CallOptions } from '../upstream/call.js';
import { encodeCoursePath } from '../upstream/query.js';
import { parseCourseModes } from './course-modes.wire.js';
import type { LmsClient } from './lms-client.js';
import { accepted } from './refusals.js';
import { readDate } from './wire-types.js';

export interface LmsCourseMode {
  courseKey: string;
  /** `audit`, `verified`, … */
  slug: string;
  name: string;
  /** In whole units of `currency`. */
  minPrice: number;
  /** ISO 4217, lower case. */
  currency: string;
  /** Nobody can choose the mode after it. */
  expiresAt: Date | null;
  description: string | null;
  sku: string | null;
  bulkSku: string | null;
}

export interface CourseModeReads {
  /** All modes of a run, expired ones included; empty for an unknown run. Not throttled. */
  courseModes(courseKey: string, options: CallOptions): Promise<LmsCourseMode[]>;
}

export function createCourseModeReads(client: LmsClient): CourseModeReads {
  return {
    courseModes: (courseKey, options) =>
      client.request(
        {
          operation: 'course-mode.list',
          family: 'course-modes',
          method: 'GET',
          path: `/api/course_modes/v1/courses/${encodeCoursePath(courseKey)}/`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) =>
            parseCourseModes(accepted('course-mode.list', answer)).map((mode) => ({
              courseKey,
              slug: mode.mode_slug,
              name: mode.mode_display_name,
              minPrice: mode.min_price,
              currency: mode.currency,
              expiresAt: readDate(mode.expiration_datetime),
              description: mode.description,
              sku: mode.sku,
              bulkSku: mode.bulk_sku,
            })),
        },
        options,
      ),
  };
}
