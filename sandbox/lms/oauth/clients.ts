import { timingSafeEqual } from 'node:crypto';
import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { AnswerNow } from '../http/errors.js';
import { isMisconfigured, type Lms } from '../lms.js';
import type { OAuthApplication } from '../rows.js';

/** An error of the LMS's OAuth server (RFC 6749 section 5.2). */
export function oauthError(error: string, description?: string, status = 400): Answer {
  return json({ error, ...(description === undefined ? {} : { error_description: description }) }, status, noStore);
}

export const noStore: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['Pragma', 'no-cache'],
];

/**
 * The client of a token or revocation request, by body parameters or HTTP Basic.
 *
 * @throws AnswerNow with `invalid_client` for an unknown client and a missing or wrong secret
 */
export function authenticateClient(lms: Lms, call: Call, form: URLSearchParams): OAuthApplication {
  const [id, secret] = basicCredentials(call) ?? [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  const application = findApplication(lms, id);
  if (application === undefined || (application.type === 'confidential' && !isSame(application.clientSecret, secret))) {
    const refusal = oauthError('invalid_client', undefined, 401);
    throw new AnswerNow({
      ...refusal,
      headers: [...refusal.headers, ['WWW-Authenticate', 'Bearer error="invalid_client"']],
    });
  }
  return application;
}

/** An application as the LMS holds it; `secret-mismatch` and `redirect-mismatch` spoil the one for learners' tokens. */
export function findApplication(lms: Lms, clientId: string): OAuthApplication | undefined {
  const application = lms.state.applications.get(clientId);
  if (application === undefined || clientId !== lms.credentials.apiClient.clientId) return application;
  return {
    ...application,
    ...(isMisconfigured(lms, 'secret-mismatch') ? { clientSecret: `${application.clientSecret}-other` } : {}),
    ...(isMisconfigured(lms, 'redirect-mismatch')
      ? { redirectUris: ['https://portico.invalid/login/_private/complete'] }
      : {}),
  };
}

function basicCredentials(call: Call): [string, string] | null {
  const [scheme, encoded] = call.header('authorization').split(' ');
  if (scheme?.toLowerCase() !== 'basic' || encoded === undefined) return null;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const at = decoded.indexOf(':');
  if (at === -1) return null;
  try {
    return [decodeURIComponent(decoded.slice(0, at)), decodeURIComponent(decoded.slice(at + 1))];
  } catch {
    return null;
  }
}

function isSame(expected: string, sent: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(sent)];
  return a.length === b.length && timingSafeEqual(a, b);
}
