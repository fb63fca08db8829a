import { emptyHtml, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow } from '../../http/errors.js';
import { apiView, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { inspectLearner, organizationKeys } from './inspector.js';
import { linkByHand } from './link-tool.js';

/** The support tool's views of program enrollments; for global staff. */
export function programSupportViews(lms: Lms): View[] {
  const view = { profile: 'P2', permission: requireSupport } as const;
  return [
    apiView('/support/link_program_enrollments_details/', {
      ...view,
      methods: { POST: (call) => linkByHand(lms, call) },
    }),
    apiView('/support/program_enrollments_inspector_details/', {
      ...view,
      methods: { GET: (call) => inspectLearner(lms, call) },
    }),
    apiView('/support/get_saml_providers/', { ...view, methods: { GET: () => json(organizationKeys(lms)) } }),
    apiView('/support/sso_records/{username_or_email}', { ...view, methods: { GET: (call) => ssoRecords(lms, call) } }),
  ];
}

/** The decorator's own answer: an empty page. */
function requireSupport(call: Call): void {
  if (!call.user.isStaff && !call.user.isSuperuser) throw new AnswerNow(emptyHtml(403));
}

function ssoRecords({ state }: Lms, call: Call) {
  const name = call.param('username_or_email');
  const user = state.user(name) ?? state.usersByEmail.one(name.toLowerCase());
  if (user === undefined) return json([]);
  return json(
    state.linksByUsername.of(user.username.toLowerCase()).map(({ backend, uid }) => ({
      provider: backend,
      uid,
      created: user.dateJoined,
      modified: user.dateJoined,
      extraData: '{}',
      history: [],
    })),
  );
}
