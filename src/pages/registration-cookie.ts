import type { FastifyReply, FastifyRequest } from 'fastify';

const cookieName = 'portico_registration';

/** Ties a browser to the registration that it is in the middle of. */
export interface RegistrationCookie {
  read(request: FastifyRequest): string;
  set(reply: FastifyReply, token: string): void;
  clear(reply: FastifyReply): void;
}

export function createRegistrationCookie({ publicUrl }: { publicUrl: string }): RegistrationCookie {
  const options = {
    path: '/register',
    httpOnly: true,
    sameSite: 'lax',
    secure: publicUrl.startsWith('https:'),
  } as const;
  return {
    read: (request) => request.cookies[cookieName] ?? '',
    set: (reply, token) => {
      reply.setCookie(cookieName, token, options);
    },
    clear: (reply) => {
      reply.clearCookie(cookieName, options);
    },
  };
}
