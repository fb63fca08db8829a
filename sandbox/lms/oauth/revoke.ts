import { type Answer, emptyHtml, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { plainView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { authenticateClient, oauthError } from './clients.js';

/** `POST /oauth2/revoke_token` (RFC 7009) and the key set for JWTs. */
export function revocationViews(lms: Lms): View[] {
  return [
    plainView('/oauth2/revoke_token[/]', { methods: { POST: (call) => revoke(lms, call) } }),
    plainView('/auth/jwks.json', {
      isHidden: () => lms.state.settings.oldRelease,
      methods: { GET: () => json({ keys: [lms.keys.publicJwk] }) },
    }),
  ];
}

async function revoke(lms: Lms, call: Call): Promise<Answer> {
  if (call.rawQuery !== '') return oauthError('invalid_request', 'URL query parameters are not allowed');
  const form = await call.form();
  const token = form.get('token');
  if (token === null) return oauthError('invalid_request', 'Missing token parameter.');
  const application = authenticateClient(lms, call, form);
  lms.state.atomically(() => {
    const refresh = lms.state.refreshTokens.get(token);
    if (refresh?.clientId === application.clientId) {
      lms.state.refreshTokens.delete(token);
      lms.state.accessTokens.delete(refresh.accessToken);
    }
    if (lms.state.accessTokens.get(token)?.clientId === application.clientId) lms.state.accessTokens.delete(token);
  });
  return emptyHtml();
}
