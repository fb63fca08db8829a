import { signIn } from '../auth/sessions.js';
import { type Answer, emptyHtml } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { randomText } from '../http/cookies.js';
import { ApiError } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';

const TRUSTED_ONLY =
  'Only Django Oauth Toolkit access tokens for applications which are trusted (with "skip_authentication" set to True, or with grant type password) are supported.';

/** `POST /oauth2/login/`: a browser session for the owner of a trusted application's token. */
export function tokenLoginViews(lms: Lms): View[] {
  return [
    apiView('/oauth2/login/', {
      profile: 'P4',
      challenge: 'Bearer realm="api"',
      methods: { POST: (call) => login(lms, call) },
    }),
  ];
}

function login(lms: Lms, call: Call): Answer {
  if (call.caller?.via === 'jwt') {
    const header = JSON.parse(
      Buffer.from(call.header('authorization').split(' ')[1]?.split('.')[0] ?? '', 'base64url').toString('utf8'),
    );
    if (header.alg !== 'RS512') throw refusal('non_asymmetric_token', 'Only asymmetric jwt are supported.');
  } else {
    const token = lms.state.accessTokens.get(call.header('authorization').split(' ')[1] ?? '');
    const application = lms.state.applications.get(token?.clientId ?? '');
    if (!application?.skipAuthorization && application?.grant !== 'password')
      throw refusal('non_supported_token', TRUSTED_ONLY);
  }
  signIn(lms, call, call.user);
  call.setCsrfCookie(randomText(32));
  return emptyHtml(204);
}

function refusal(code: string, message: string): ApiError {
  return new ApiError(401, { error_code: code, developer_message: message });
}
