import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { answerRequestError, type PlainAnswer } from './answers/plain.js';
import type { DirectAnswers } from './direct/direct-answers.js';
import { providerPath, withoutSlash } from './endpoint-names.js';

/** Endpoints that take one method only; the others are left to the provider. */
const onlyMethod: Record<string, 'GET' | 'POST'> = {
  '/oauth2/token': 'POST',
  '/oauth2/revoke_token': 'POST',
  '/oauth2/introspect': 'POST',
  '/oauth2/par': 'POST',
  '/oauth2/device-authorization': 'POST',
  '/oauth2/jwks': 'GET',
  '/.well-known/openid-configuration': 'GET',
  '/.well-known/oauth-authorization-server': 'GET',
};

/** Longer requests make a longer URL than servers take. */
const longestAuthorizationBytes = 12 * 1024;

export interface RouteInputs {
  publicUrl: string;
  /** The provider as a request handler; asked for each time, since it changes with its keys. */
  handler(): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  /** Asked before the provider. */
  answerDirectly: DirectAnswers;
}

/**
 * The provider's endpoints on the web server: `/oauth2/*` and `/.well-known/*`, with and without trailing slash. Bodies stay
 * unread, the provider has limits of its own. Answers leave without the web server's hooks but for its log.
 */
export function createRoutes({ publicUrl, handler, answerDirectly }: RouteInputs): FastifyPluginAsync {
  const { host, protocol } = new URL(publicUrl);
  return async (scope: FastifyInstance) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    const handle = async (request: FastifyRequest, reply: FastifyReply) => {
      const { raw: req } = request;
      const [path = '', query] = splitOnce(req.url ?? '', '?');
      const target = providerPath(path);
      const refusal = refuse(req, withoutSlash(target), host);
      if (refusal) return answerRequestError(reply, refusal);
      if (req.method === 'POST' && withoutSlash(target) === '/oauth2/authorize') return redirectToGet(req, reply, path);
      // The provider makes URLs and believes addresses by these headers; whatever came in them, this is the truth.
      req.headers.host = host;
      req.headers['x-forwarded-host'] = host;
      req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
      req.headers['x-forwarded-for'] = request.ip;
      req.url = query === undefined ? target : `${target}?${query}`;
      const send = await answerDirectly(withoutSlash(target), req);
      reply.hijack();
      if (send) send(reply.raw);
      else await handler()(req, reply.raw);
      return reply;
    };
    for (const path of ['/oauth2/*', '/.well-known/*'])
      scope.route({ method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: path, handler: handle });
  };
}

function refuse(req: IncomingMessage, path: string, host: string): PlainAnswer | undefined {
  if (req.headers.host?.toLowerCase() !== host.toLowerCase())
    return { status: 421, description: 'this host name is not served here' };
  if (/%00/.test(req.url ?? '')) return { status: 400, description: 'parameters must not hold NUL characters' };
  const allowed = onlyMethod[path];
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  if (allowed && method !== allowed && method !== 'OPTIONS')
    return { status: 405, description: `use ${allowed}`, headers: { allow: allowed } };
  return undefined;
}

/**
 * OpenID Connect lets clients POST their authorization request. It is answered by a redirect to the same request as GET: taken
 * directly, a form of another site would come without our cookies, unless they were open to all sites.
 */
async function redirectToGet(req: IncomingMessage, reply: FastifyReply, path: string): Promise<FastifyReply> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? ''))
    return answerRequestError(reply, { status: 400, description: 'send application/x-www-form-urlencoded' });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > longestAuthorizationBytes) {
      req.resume();
      return answerRequestError(reply, { status: 413, description: 'the request is too large' });
    }
    chunks.push(chunk);
  }
  const parameters = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  return reply
    .code(303)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('location', `${path}?${parameters}`)
    .send();
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
