import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

export interface RouteWatch extends Disposable {
  /** Patterns of everything that answers a GET, e.g. `/login/:uid`. */
  readonly gets: ReadonlySet<string>;
  /** All of them with their methods, e.g. `POST /api/uploads`. */
  readonly all: ReadonlySet<string>;
  /** The pattern that a path matched when it was asked for. */
  routeOf(path: string): string | undefined;
}

/** Learns the routes of the web servers that are built from now on. */
export function watchRoutes(): RouteWatch {
  const gets = new Set<string>();
  const all = new Set<string>();
  const matches = new Map<string, string>();
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      if ([method].flat().includes('GET')) gets.add(url);
      for (const each of [method].flat()) all.add(`${each} ${url}`);
    });
    fastify.addHook('onRequest', async ({ url, routeOptions }) => {
      const [path = ''] = url.split('?');
      if (routeOptions.url) matches.set(path, routeOptions.url);
    });
  };
  subscribe('fastify.initialization', watch);
  return {
    gets,
    all,
    routeOf: (path) => matches.get(path),
    [Symbol.dispose]: () => unsubscribe('fastify.initialization', watch),
  };
}
