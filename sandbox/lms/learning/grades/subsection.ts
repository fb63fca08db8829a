import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { ApiError } from '../../http/errors.js';
import { apiView, LmsCrash, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { isCourseStaff } from '../access.js';
import { parseUsageKey } from '../courses/outline.js';
import { GRADES_VIEW } from './course-grades.js';
import { codedError } from './course-lookup.js';
import { sectionScores } from './section-scores.js';

/** `subsection/{usage_key}/?user_id=`: one learner's score of one section, with its override. */
export function subsectionViews(lms: Lms): View[] {
  return [
    apiView(/^\/api\/grades\/v1\/subsection\/(?<usage_key>[^/]+)\/$/, {
      ...GRADES_VIEW,
      profile: 'P1',
      methods: { GET: (call) => readSubsection(lms, call) },
    }),
  ];
}

function readSubsection(lms: Lms, call: Call): Answer {
  const usage = call.param('usage_key');
  const parsed = parseUsageKey(usage);
  if (parsed === null) throw codedError('Invalid UsageKey', 'invalid_usage_key');
  if (!isCourseStaff(lms, call.user, parsed.courseKey))
    throw codedError('The requesting user does not have course author permissions.', 'user_permissions', 403);
  const userId = call.argument('user_id');
  if (userId === null) throw new LmsCrash("int() argument must be a string, not 'NoneType'");
  if (!/^\s*[+-]?\d+\s*$/.test(userId)) throw codedError('Invalid UserID', 'invalid_user_id');
  const user = lms.state.usersById.one(String(Number(userId)));
  if (user === undefined) throw new ApiError(404, 'User matching query does not exist.');
  const score = sectionScores(lms.state, user.username, parsed.courseKey).find((each) => each.usageKey === usage);
  if (score === undefined) throw new LmsCrash('The block is no section of this course.');
  const { override, section } = score;
  const possible = section.problems.length;
  const earned = override === null ? score.earned : 0;
  return json({
    success: true,
    subsection_id: usage,
    user_id: user.id,
    course_id: parsed.courseKey,
    original_grade: { earned_all: earned, possible_all: possible, earned_graded: earned, possible_graded: possible },
    override: override && {
      earned_all_override: override.earnedAll,
      possible_all_override: override.possibleAll,
      earned_graded_override: override.earnedGraded,
      possible_graded_override: override.possibleGraded,
    },
    history: [],
  });
}
