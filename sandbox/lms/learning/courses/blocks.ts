import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { ApiError, permissionDenied } from '../../http/errors.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { isCourseStaff } from '../access.js';
import { completionKey } from '../completion.js';
import { isCourseKey } from '../course-key.js';
import { fieldErrors } from '../enrollment/list-filters.js';
import { type Block, blocksOf, outlineOf } from './outline.js';

/** `blocks/`: the structure of one course, with one learner's completion where asked for. */
export function blockViews(lms: Lms): View[] {
  return [
    apiView(/^\/api\/courses\/v[12]\/blocks\/$/, {
      profile: 'P1',
      errors: 'E2',
      anonymous: true,
      methods: { GET: (call) => readBlocks(lms, call) },
    }),
  ];
}

function readBlocks(lms: Lms, call: Call): Answer {
  const key = call.argument('course_id') ?? '';
  if (!isCourseKey(key)) return fieldErrors({ course_id: `'${key}' is not a valid course key.` });
  const username = call.argument('username')?.trim() || null;
  const isAll = ['true', 'True', '1'].includes(call.argument('all_blocks') ?? '');
  if (username === null && !isAll)
    return fieldErrors({ username: 'This field is required unless all_blocks is requested.' });
  const isOwn = username !== null && username === call.caller?.user.username;
  if (!isOwn && (call.caller === null || !isCourseStaff(lms, call.caller.user, key))) throw permissionDenied();
  if (username !== null && lms.state.user(username) === undefined)
    throw new ApiError(404, `Requested user '${username}' does not exist.`);
  const course = lms.state.course(key);
  if (course === undefined) throw new ApiError(404, `Block not found: ${key}+branch@published-branch`);
  const root = outlineOf(course.courseKey, course.displayName);
  const view = blockView(lms, call, course.courseKey, username);
  const types = call.argument('block_types_filter')?.split(',');
  const shown = blocksOf(cutDepth(root, call.argument('depth')))
    .filter(({ type }) => types?.includes(type) ?? true)
    .map(view);
  if (call.argument('return_type') === 'list') return json(shown);
  return json({ root: root.usageKey, blocks: Object.fromEntries(shown.map((block) => [block.id, block])) });
}

/** As many levels below the root as asked for: none without a number. */
function cutDepth(block: Block, depth: string | null): Block {
  if (depth === 'all') return block;
  const levels = Number(depth ?? 0) || 0;
  return { ...block, children: levels <= 0 ? [] : block.children.map((child) => cutDepth(child, String(levels - 1))) };
}

function blockView(
  { state }: Lms,
  call: Call,
  courseKey: string,
  username: string | null,
): (block: Block) => { id: string } & Record<string, unknown> {
  const requested = call.argument('requested_fields')?.split(',') ?? [];
  return ({ usageKey, blockId, type, displayName, children, isGraded, format }) => {
    const url = `${call.origin}/courses/${courseKey}/jump_to/${usageKey}`;
    const isLeaf = type === 'problem';
    const completion = username === null ? 0 : (state.completions.get(completionKey(username, usageKey))?.value ?? 0);
    // A field that a block has no value for is left out.
    const fields: Readonly<Record<string, unknown>> = {
      graded: isGraded,
      format: format ?? undefined,
      children: isLeaf ? undefined : children.map((child) => child.usageKey),
      completion: isLeaf && username !== null ? completion : undefined,
    };
    return {
      id: usageKey,
      block_id: blockId,
      lms_web_url: url,
      legacy_web_url: `${url}?experience=legacy`,
      student_view_url: `${call.origin}/xblock/${usageKey}`,
      type,
      display_name: displayName,
      ...Object.fromEntries(
        Object.entries(fields).filter(([name, value]) => requested.includes(name) && value !== undefined),
      ),
    };
  };
}
