import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

/** Names, in an answer, the route that gave it. */
export const routeHeader = 'x-route';

export interface RouteWatch extends Disposable {
  /** Patterns of everything that answers a GET, e.g. `/login/:uid`. */
  readonly gets: ReadonlySet<string>;
}

/** Learns the routes of the web servers that are built from now on, and has their answers name them. */
export function watchRoutes(): RouteWatch {
  const gets = new Set<string>();
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      if ([method].flat().includes('GET')) gets.add(url);
    });
    fastify.addHook('onRequest', async (request, reply) => {
      // On the raw answer, since the provider's answers leave without the web server's headers.
      if (request.routeOptions.url) reply.raw.setHeader(routeHeader, request.routeOptions.url);
    });
  };
  subscribe('fastify.initialization', watch);
  return { gets, [Symbol.dispose]: () => unsubscribe('fastify.initialization', watch) };
}
