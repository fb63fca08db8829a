import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { CourseRun, ScoreOverride } from '../../rows.js';
import { SECTIONS, usageKey } from '../courses/outline.js';
import { regrade } from './regrade.js';
import { overrideKey } from './section-scores.js';

interface ItemResult {
  readonly user_id: unknown;
  readonly usage_id: unknown;
  readonly success: boolean;
  readonly reason: string | null;
}

/** `bulk-update`: overrides scores and grades anew, item by item; 202 when all went well, else 422 with what was done kept. */
export async function updateGradebook(lms: Lms, call: Call, course: CourseRun): Promise<Answer> {
  const body: unknown = await call.data();
  const items = Array.isArray(body) ? body : [];
  const results = items.map((item: unknown) => overrideScore(lms, call, course, item));
  return json(results, results.every(({ success }) => success) ? 202 : 422);
}

function overrideScore(lms: Lms, call: Call, course: CourseRun, item: unknown): ItemResult {
  const fields: Record<string, unknown> = item !== null && typeof item === 'object' ? { ...item } : {};
  const { user_id: userId, usage_id: usageId, grade } = fields;
  const fail = (reason: string): ItemResult => ({ user_id: userId, usage_id: usageId, success: false, reason });
  const user = lms.state.usersById.one(String(userId));
  if (user === undefined) return fail('User matching query does not exist.');
  const row = lms.state.enrollment(user.username, course.courseKey);
  if (row === undefined) return fail('CourseEnrollment matching query does not exist.');
  const section = SECTIONS.find(({ blockId }) => usageKey(course.courseKey, 'sequential', blockId) === usageId);
  if (section === undefined) return fail(`usage_key ${usageId} does not exist in this course.`);
  const values: Record<string, unknown> = grade !== null && typeof grade === 'object' ? { ...grade } : {};
  const number = (name: string, otherwise: number | null): number | null =>
    typeof values[name] === 'number' ? values[name] : otherwise;
  const override: ScoreOverride = {
    username: user.username,
    usageKey: String(usageId),
    earnedAll: number('earned_all_override', null),
    possibleAll: number('possible_all_override', section.problems.length),
    earnedGraded: number('earned_graded_override', null),
    possibleGraded: number('possible_graded_override', section.problems.length),
    comment: typeof values.comment === 'string' ? values.comment : null,
    at: toInstant(call.now),
  };
  lms.state.atomically(() => {
    lms.state.scoreOverrides.set(overrideKey(user.username, override.usageKey), override);
    const { username, courseKey } = row;
    if (lms.state.grade(username, courseKey) === undefined)
      lms.state.putGrade({ username, courseKey, percent: 0, letterGrade: null, passed: false, scorePercent: null });
    regrade(lms, row, call.now);
  });
  return { user_id: userId, usage_id: usageId, success: true, reason: null };
}
