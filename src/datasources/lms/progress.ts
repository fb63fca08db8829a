import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { encodeCoursePath, queryString } from '../upstream/query.js';
import type { LmsClient } from './lms-client.js';
import { parseBlocks, parseProgress, type WireBlocks } from './progress.wire.js';
import { accepted } from './refusals.js';

/** How far a learner has come in a course run, counted in units. */
export interface LmsProgress {
  completeCount: number;
  incompleteCount: number;
  /** Units that the learner may not open; null where the LMS was asked in the way that does not tell. */
  lockedCount: number | null;
  /** Whether more of the run opens later; null like `lockedCount`. */
  hasScheduledContent: boolean | null;
}

/** Course home and course blocks, read by the service worker as a member of the course staff; not throttled. */
export interface ProgressReads {
  /**
   * What the learner's progress page says.
   *
   * @param userId - id of the LMS user
   * @returns `no-page` when the run has no such page (an operator switches it on) or the worker no right to it,
   *   `not-enrolled` when the learner does not take part
   */
  progressPage(
    courseKey: string,
    userId: number,
    options: CallOptions,
  ): Promise<LmsProgress | 'no-page' | 'not-enrolled'>;
  /**
   * The same counted from the run's blocks, whose number is that of the whole run: dearer, and everywhere. Undefined for an unknown
   * user or run.
   */
  blockProgress(courseKey: string, username: string, options: CallOptions): Promise<LmsProgress | undefined>;
}

export function createProgressReads(client: LmsClient): ProgressReads {
  return {
    progressPage: (courseKey, userId, options) =>
      client.request(
        {
          operation: 'progress.read',
          family: 'course-home',
          method: 'GET',
          path: `/api/course_home/progress/${encodeCoursePath(courseKey)}/${userId}`,
          credentials: 'worker',
          isIdempotent: true,
          isOwn401: isNotEnrolled,
          read: (answer) => {
            if (isNotEnrolled(answer)) return 'not-enrolled';
            if (answer.status === 404) return 'no-page';
            const { completion_summary: counts, has_scheduled_content } = parseProgress(
              accepted('progress.read', answer),
            );
            return {
              completeCount: counts.complete_count,
              incompleteCount: counts.incomplete_count,
              lockedCount: counts.locked_count,
              hasScheduledContent: has_scheduled_content,
            };
          },
        },
        options,
      ),
    blockProgress: (courseKey, username, options) =>
      client.request(
        {
          operation: 'block.list',
          family: 'blocks',
          method: 'GET',
          path: `/api/courses/v2/blocks/${queryString({
            course_id: courseKey,
            username,
            depth: 'all',
            requested_fields: ['children', 'completion'],
          })}`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) =>
            answer.status === 404 && answer.isJson
              ? undefined
              : countUnits(parseBlocks(accepted('block.list', answer)).blocks),
        },
        options,
      ),
  };
}

/** The one 401 that says nothing of the worker's token: a JSON string, not the object of a refusal. */
function isNotEnrolled({ status, body }: UpstreamAnswer): boolean {
  return status === 401 && typeof body === 'string';
}

/** A unit is complete when all of it is that completion is kept of; units without any of that do not count. */
function countUnits(blocks: WireBlocks): LmsProgress {
  const completionsBelow = (id: string, depth: number): number[] => {
    const block = blocks[id];
    if (!block || depth > 20) return [];
    const own = block.completion === undefined ? [] : [block.completion];
    return [...own, ...(block.children ?? []).flatMap((child) => completionsBelow(child, depth + 1))];
  };
  const units = Object.keys(blocks)
    .filter((id) => blocks[id]?.type === 'vertical')
    .map((id) => completionsBelow(id, 0))
    .filter((completions) => completions.length > 0);
  const completeCount = units.filter((completions) => completions.every((value) => value >= 1)).length;
  return {
    completeCount,
    incompleteCount: units.length - completeCount,
    lockedCount: null,
    hasScheduledContent: null,
  };
}
