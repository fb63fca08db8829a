import createTokens from '@fastify/csrf';
import csrfProtection from '@fastify/csrf-protection';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { ForbiddenError } from '../errors.js';

const message =
  'This form is too old, or was not sent from a page of this site. Go back, load the page again and repeat it. Cookies must be allowed.';

/**
 * Takes forms from our own pages only. A hidden token has to match a cookie that no other site can set or read; and a browser
 * that says where the form came from must not say that it was another site.
 *
 * @param publicUrl - decides whether the cookie is bound to https
 */
export async function guardForms(app: FastifyInstance, { publicUrl }: { publicUrl: string }): Promise<void> {
  const isSecure = isHttps(publicUrl);
  await app.register(csrfProtection, {
    cookieKey: cookieNameOf(publicUrl),
    cookieOpts: { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure },
    getToken: (request: FastifyRequest) => tokenOf(request.body),
    logLevel: 'debug',
  });
  app.addHook('preHandler', (request, reply, done) => {
    if (request.method !== 'POST' || request.routeOptions.config.isOpenToOtherSites) return done();
    if (isFromElsewhere(request, publicUrl)) return done(new ForbiddenError(message));
    return app.csrfProtection(request, reply, done);
  });
  app.setErrorHandler((error: FastifyError) => {
    if (error.code?.startsWith('FST_CSRF_')) throw new ForbiddenError(message, { cause: error });
    throw error;
  });
}

/**
 * The secret behind the forms of one browser, which no other site and no script can read.
 *
 * @returns empty before the first form
 */
export function browserSecretOf({ cookies }: FastifyRequest, publicUrl: string): string {
  return cookies[cookieNameOf(publicUrl)] ?? '';
}

function cookieNameOf(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Host-portico_form' : 'portico_form';
}

function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}

function tokenOf(body: unknown): string {
  return typeof body === 'object' && body !== null && '_csrf' in body && typeof body._csrf === 'string'
    ? body._csrf
    : '';
}

const tokens = createTokens();

/**
 * The same for a form that its handler reads itself, on a route that is open to other sites: before anything is done with it.
 *
 * @param fields - of the form, the hidden token among them
 * @throws ForbiddenError
 */
export function requireOwnForm(
  request: FastifyRequest,
  fields: Readonly<Record<string, string>>,
  publicUrl: string,
): void {
  const secret = browserSecretOf(request, publicUrl);
  const isOwn = secret !== '' && tokens.verify(secret, tokenOf(fields));
  if (!isOwn || isFromElsewhere(request, publicUrl)) throw new ForbiddenError(message);
}

/** `Origin` is `null` after pages that send no referrer, as ours are; what it says otherwise counts. */
function isFromElsewhere({ headers }: FastifyRequest, publicUrl: string): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const { origin } = headers;
  return origin !== undefined && origin !== 'null' && origin !== new URL(publicUrl).origin;
}
