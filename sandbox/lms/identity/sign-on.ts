import { sessionUser } from '../auth/sessions.js';
import { redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { csrfPage, errorPage } from '../http/error-page.js';
import { plainView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { sendActivationMail } from './activation.js';
import { isSafeTarget } from './redirect-target.js';
import { completeSignOn } from './sign-on-complete.js';
import { redirectToProvider, startSignOn } from './sign-on-start.js';

/** Single sign-on, the LMS being the client of Portico. */
export function signOnViews(lms: Lms): View[] {
  const start = (call: Call) => startSignOn(lms, call);
  const complete = (call: Call) => completeSignOn(lms, call);
  return [
    plainView('/auth/login/{backend}/', { methods: { GET: start, POST: start } }),
    plainView('/auth/complete/{backend}/', { methods: { GET: complete, POST: complete } }),
    plainView('/auth/idp_redirect/{provider_id}', { methods: { GET: (call) => redirectToProvider(lms, call) } }),
    plainView('/auth/inactive', { methods: { GET: (call) => passInactive(lms, call) } }),
    plainView(/^\/auth\/disconnect\/(?<backend>[^/]+)\/(?:(?<id>\d+)\/)?$/, {
      methods: { POST: (call) => disconnect(lms, call) },
    }),
  ];
}

/** Sends the activation mail again and lets the person go on. */
function passInactive(lms: Lms, call: Call) {
  const user = sessionUser(lms, call);
  if (user !== null && !user.isActive) sendActivationMail(lms, call, user);
  const next = call.argument('next');
  return redirect(next !== null && isSafeTarget(lms, call, next) ? next : '/dashboard');
}

/** Removes the signed-in person's own link. */
function disconnect(lms: Lms, call: Call) {
  const user = sessionUser(lms, call);
  if (user === null) return redirect(`/login?next=${call.rawPath}`);
  const token = call.header('x-csrftoken');
  if (token === '' || token !== call.cookies.get('csrftoken')) return csrfPage();
  const links = lms.state.linksByUsername
    .of(user.username.toLowerCase())
    .filter((link) => link.backend === call.param('backend'));
  const link = call.param('id') === '' ? links[0] : links.find(({ id }) => String(id) === call.param('id'));
  if (link === undefined) return errorPage(call, 404);
  lms.state.deleteLink(link);
  return redirect('/account/settings');
}
