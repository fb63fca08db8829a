import { html as markup } from 'ghtml';
import { hasCsrfToken } from '../auth/csrf.js';
import { deleteLoginCookies } from '../auth/login-cookies.js';
import { type Answer, html } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { randomText } from '../http/cookies.js';
import { csrfPage } from '../http/error-page.js';
import { LmsCrash, plainView, type View } from '../http/view.js';
import { isSafeTarget } from '../identity/redirect-target.js';
import type { Lms } from '../lms.js';

/** Goes on when every frame has loaded; one that hangs keeps the page, as in the LMS. */
const SCRIPT = `
const container = document.getElementById('iframeContainer');
const frames = [...container.querySelectorAll('iframe')];
const go = () => window.location.assign(container.dataset.redirectUrl);
if (frames.length === 0) go();
else Promise.all(frames.map((frame) => new Promise((done) => frame.addEventListener('load', done)))).then(go);
`;

/** `/logout`: ends the session and makes the browser tell the other services, in hidden frames. */
export function logoutViews(lms: Lms): View[] {
  return [
    plainView('/logout', {
      methods: {
        GET: (call) => logout(lms, call, call.query),
        POST: async (call) => ((await hasCsrfToken(call)) ? logout(lms, call, call.query) : csrfPage()),
      },
    }),
  ];
}

function logout(lms: Lms, call: Call, query: URLSearchParams): Answer {
  const target = findTarget(lms, call, query);
  lms.state.sessions.delete(call.cookies.get('sessionid') ?? '');
  deleteLoginCookies(call);
  call.setCsrfCookie(randomText(32));
  call.deleteCookie('sessionid');
  return html(logoutPage(lms, target, frameUris(lms, call)));
}

/** Only targets that the site trusts, or that the named application registered; anything else is the root. */
function findTarget(lms: Lms, call: Call, query: URLSearchParams): string {
  const target = query.get('redirect_url') ?? query.get('next');
  if (!target) return '/';
  const clientId = query.get('client_id');
  if (clientId !== null) {
    const application = lms.state.applications.get(clientId);
    if (application === undefined) throw new LmsCrash(`Application ${clientId} does not exist.`);
    if (application.redirectUris.includes(target)) return target;
  }
  return isSafeTarget(lms, call, target) ? target : '/';
}

/** `IDA_LOGOUT_URI_LIST`, without the service that the browser comes from. */
function frameUris(lms: Lms, call: Call): string[] {
  const referrer = call.header('referer').replace(/^\/+|\/+$/g, '');
  const uris = [`${lms.porticoUrl()}/logout`, ...lms.state.site.logoutUris];
  return uris
    .filter((uri) => referrer === '' || !uri.startsWith(referrer))
    .map((uri) => `${uri}${uri.includes('?') ? '&' : '?'}no_redirect=1`);
}

function logoutPage(lms: Lms, target: string, frames: readonly string[]): string {
  // The LMS cleans the target before it escapes it, so an ampersand arrives escaped twice.
  const cleaned = target.replaceAll('&', '&amp;');
  return markup`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Signed out · ${lms.state.site.platformName}</title></head>
<body>
<main>
<h1>You have signed out.</h1>
<p><a href="${target}">If you are not redirected within 5 seconds, click here to go on.</a></p>
</main>
<div id="iframeContainer" style="visibility: hidden" data-redirect-url="!${attribute(cleaned)}">
!${frames.map((uri) => markup`<iframe src="!${attribute(uri)}" title=""></iframe>`).join('\n')}
</div>
<script>!${SCRIPT}</script>
</body>
</html>
`;
}

/** Escapes for an attribute as the LMS's templates do: an equals sign stays, so that clients may look for `no_redirect=1`. */
function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
