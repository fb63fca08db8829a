import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Ties a browser to its sign-in at an identity provider: whoever has the address alone has nothing. */
export interface IdentityCookie {
  /** The browser's secret; empty when it began nothing here. */
  read(request: FastifyRequest): string;
  /** The browser's secret, made when it has none. */
  ensure(request: FastifyRequest, reply: FastifyReply): string;
}

/** Lax: the provider sends the person back by a link, from another site. */
export function createIdentityCookie({ publicUrl }: { publicUrl: string }): IdentityCookie {
  const secure = publicUrl.startsWith('https:');
  const name = secure ? '__Host-portico_identity' : 'portico_identity';
  const read = ({ cookies }: FastifyRequest) => cookies[name] ?? '';
  return {
    read,
    ensure: (request, reply) => {
      const secret = read(request) || randomBytes(32).toString('base64url');
      reply.setCookie(name, secret, { path: '/', httpOnly: true, sameSite: 'lax', secure });
      return secret;
    },
  };
}
