import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { notFound, permissionDenied } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { isCourseKey } from './course-key.js';
import { blocksOf, outlineOf, parseUsageKey } from './courses/outline.js';

export function completionKey(username: string, usageKey: string): string {
  return `${username} ${usageKey}`.toLowerCase();
}

/** `/api/completion/v1`: writes of block completion, and the completion of one section of one's own. */
export function completionViews(lms: Lms): View[] {
  return [
    apiView('/api/completion/v1/completion-batch', {
      profile: 'P1',
      methods: { POST: (call) => submitBatch(lms, call) },
    }),
    apiView(
      /^\/api\/completion\/v1\/subsection-completion\/(?<username>[^/]+)\/(?<course_key>[^/+]+\+[^/+]+\+[^/]+)\/(?<usage_key>[^/]+)$/,
      { profile: 'P2', permission: requireSelf, methods: { GET: (call) => readSubsection(lms, call) } },
    ),
  ];
}

/** Own completion only: staff are refused, everybody else does not learn that there is anything. */
function requireSelf(call: Call): void {
  if (call.user.username === call.param('username')) return;
  throw call.user.isStaff ? permissionDenied() : notFound();
}

async function submitBatch({ state }: Lms, call: Call): Promise<Answer> {
  const body: unknown = await call.data();
  const fields: Record<string, unknown> = body !== null && typeof body === 'object' ? { ...body } : {};
  for (const name of ['username', 'course_key', 'blocks'])
    if (fields[name] === undefined) return json({ detail: `Key '${name}' not found.` }, 400);
  const [username, courseKey] = [String(fields.username), String(fields.course_key)];
  if (username !== call.user.username && !call.user.isStaff) throw permissionDenied();
  if (!isCourseKey(courseKey)) return json({ detail: `Invalid course key: ${courseKey}` }, 400);
  const user = state.user(username);
  if (user === undefined) return json({ detail: `User matching query does not exist.` }, 404);
  if (state.enrollment(username, courseKey)?.isActive !== true)
    return json({ detail: 'User is not enrolled in course.' }, 400);
  const blocks = Object.entries(fields.blocks !== null && typeof fields.blocks === 'object' ? fields.blocks : {});
  const bad = blocks.find(([key]) => parseUsageKey(key) === null);
  if (bad !== undefined) return json({ detail: `Invalid block key: ${bad[0]}` }, 400);
  state.atomically(() => {
    for (const [usageKey, value] of blocks)
      state.completions.set(completionKey(username, usageKey), {
        username: user.username,
        usageKey,
        value: Math.min(1, Math.max(0, Number(value) || 0)),
      });
  });
  return json({ detail: 'ok' });
}

function readSubsection({ state }: Lms, call: Call): Answer {
  const [username, courseKey] = [call.param('username'), call.param('course_key')];
  const section = blocksOf(outlineOf(courseKey, '')).find((block) => block.usageKey === call.param('usage_key'));
  if (section === undefined || state.course(courseKey) === undefined) throw notFound();
  const leaves = blocksOf(section).filter(({ children }) => children.length === 0);
  const isComplete = leaves.every(
    ({ usageKey }) => state.completions.get(completionKey(username, usageKey))?.value === 1,
  );
  return json({ completion: isComplete ? 1 : 0 });
}
