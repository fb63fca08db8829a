import { workerJwt } from './worker-jwt.js';

/** What an instructor gives for one section, in place of what the learner's answers come to. */
export interface ScoreByHand {
  usageKey: string;
  earned: number;
  possible: number;
}

/** Sets scores by hand, as the LMS's gradebook page does for an instructor. @throws when the LMS does not take all of them */
export async function setScoresByHand(
  lmsUrl: string,
  { courseKey, userId, scores }: { courseKey: string; userId: number; scores: readonly ScoreByHand[] },
): Promise<void> {
  const token = await workerJwt(lmsUrl);
  const answer = await fetch(`${lmsUrl}/api/grades/v1/gradebook/${encodeURIComponent(courseKey)}/bulk-update`, {
    method: 'POST',
    headers: { authorization: `JWT ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(
      scores.map(({ usageKey, earned, possible }) => ({
        user_id: userId,
        usage_id: usageKey,
        grade: { earned_graded_override: earned, possible_graded_override: possible, comment: 'After an appeal.' },
      })),
    ),
  });
  if (answer.status !== 202) throw new Error(`bulk-update: ${answer.status} ${await answer.text()}`);
}
