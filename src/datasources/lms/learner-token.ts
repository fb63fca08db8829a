import { randomSecret } from '../../crypto/hash.js';
import type { CallOptions } from '../upstream/call.js';
import { startDeadline } from '../upstream/deadline.js';
import { createTransport } from '../upstream/transport.js';
import { CookieJar } from './cookie-jar.js';
import { type LearnerTokenFailure, type LearnerTokenStep, messageOf, stepOfPage } from './learner-token-steps.js';
import type { LmsApi } from './lms-api.js';
import type { LmsClient } from './lms-client.js';
import type { LmsToken } from './token-endpoint.js';
import { type Walk, walk } from './walk.js';

export type LearnerTokenOutcome = { kind: 'granted'; token: LmsToken } | LearnerTokenFailure;

/** Obtains an API token of the LMS in a learner's name, without a browser. */
export interface LearnerTokens extends AsyncDisposable {
  /**
   * Signs the learner in to the LMS through Portico, as their browser would, and takes the authorization code that the LMS
   * sends to Portico's client. Each step that can go wrong has a code of its own.
   *
   * @param cookieHeader - a session of the learner at Portico; sent to Portico only
   * @throws UpstreamUnavailableError when the LMS does not answer, or answers that it is not able to
   */
  obtain(cookieHeader: string, options: CallOptions): Promise<LearnerTokenOutcome>;
}

const scope = 'read write';
const callbackPath = '/login/_private/complete';
const maxBytes = 2 * 1024 * 1024;
const connections = 4;

/**
 * @param publicUrl - Portico's, without trailing slash: where the LMS sends the browser to
 * @param socialLoginPath - path of the LMS at which single sign-on begins
 */
export function createLearnerTokens({
  client,
  api,
  publicUrl,
  socialLoginPath,
}: {
  client: LmsClient;
  api: Pick<LmsApi, 'exchangeCode'>;
  publicUrl: string;
  socialLoginPath: string;
}): LearnerTokens {
  const portico = createTransport({ upstream: 'lms', baseUrl: publicUrl, connections, maxBytes });
  const redirectUri = `${publicUrl}${callbackPath}`;
  return {
    async obtain(cookieHeader, options) {
      const deadline = options.deadline ?? startDeadline(options.purpose, client.timeouts);
      const limited = { ...options, deadline };
      const state = randomSecret(16);
      const authorizePath = `/oauth2/authorize?${new URLSearchParams({
        client_id: client.apiClient.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope,
        state,
      })}`;
      const jar = new CookieJar();
      jar.seed(new URL(publicUrl).origin, cookieHeader);
      const sites = { client, portico, publicUrl, redirectUri, jar, options: limited };
      // Going on to the authorization at once spares the LMS its dashboard, which may be slow, elsewhere or broken.
      const separator = socialLoginPath.includes('?') ? '&' : '?';
      const start = `${client.browserUrl}${socialLoginPath}${separator}next=${encodeURIComponent(authorizePath)}`;
      let end = await walk(start, sites);
      // An LMS that did not keep `next` has signed the learner in all the same.
      if (end.kind === 'page' && end.isLms && !stepOfPage(end))
        end = await walk(`${client.browserUrl}${authorizePath}`, sites);
      const code = readCode(end, state);
      if (typeof code !== 'string') return code;
      const granted = await api.exchangeCode(code, redirectUri, limited);
      if (granted.kind === 'granted') return granted;
      if (granted.kind === 'invalid-grant') return failure('exchange-refused');
      return failure('client-misconfigured', granted.code);
    },
    [Symbol.asyncDispose]: () => portico[Symbol.asyncDispose](),
  };
}

function readCode(end: Walk, state: string): string | LearnerTokenFailure {
  if (end.kind === 'stopped') return failure(end.step, end.detail);
  if (end.kind === 'page') return failure(stepOfPage(end) ?? 'no-code', `${end.status} at ${end.url.pathname}`);
  const { searchParams } = end.url;
  const error = searchParams.get('error');
  if (error) return failure('authorize-refused', error);
  if (searchParams.get('state') !== state) return failure('state-mismatch');
  return searchParams.get('code') ?? failure('no-code');
}

function failure(step: LearnerTokenStep, detail?: string): LearnerTokenFailure {
  return { kind: 'failed', step, message: messageOf(step, detail) };
}
