import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from '../errors.js';
import type { Authenticate } from './authenticate.js';

export interface PlaygroundOptions {
  authenticate: Authenticate;
  /** `off` takes the playground away; its first request is an introspection. */
  introspection: 'staff' | 'off';
  /** Without trailing slash. */
  publicUrl: string;
  /** Where the build wrote the playground: `dist/playground`. */
  assetsDir: string;
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
};

/**
 * The playground at `/playground`: GraphiQL from our own files, for STAFF and above. Strangers are sent to sign in. Its assets
 * hold no secrets and are named by their content, so anyone may have them, for ever.
 */
export async function playgroundRoutes(app: FastifyInstance, options: PlaygroundOptions): Promise<void> {
  const { authenticate, introspection, assetsDir } = options;
  const policy = contentSecurityPolicy(options.publicUrl);
  const page = await readFile(join(assetsDir, 'index.html'), 'utf8');
  const files = await readdir(join(assetsDir, 'assets'));
  const assets = new Set(files.filter((name) => !name.endsWith('.gz')));

  app.get('/playground', async (request, reply) => {
    if (introspection === 'off') throw new NotFoundError('The playground is switched off.');
    const viewer = await authenticate(request.raw, reply.raw).catch((error: unknown) => {
      if (error instanceof UnauthenticatedError) return undefined;
      throw error;
    });
    if (!viewer || viewer.via === 'nobody') return reply.redirect('/login?next=/playground', 302);
    if (!viewer.roles.has('STAFF')) throw new ForbiddenError('The playground is for members of staff.');
    return reply
      .header('content-security-policy', policy)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page);
  });

  app.get<{ Params: { name: string } }>('/playground/assets/:name', (request, reply) => {
    const { name } = request.params;
    if (!assets.has(name)) throw new NotFoundError('There is nothing at this address.');
    const isCompressed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (isCompressed) reply.header('content-encoding', 'gzip');
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('vary', 'accept-encoding')
      .type(types[extname(name)] ?? 'application/octet-stream')
      .send(createReadStream(join(assetsDir, 'assets', isCompressed ? `${name}.gz` : name)));
  });
}

/** Nothing but our own scripts runs. The editor sets styles of its own at run time, hence the one exception. */
function contentSecurityPolicy(publicUrl: string): string {
  const socketOrigin = new URL(publicUrl).origin.replace(/^http/, 'ws');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${socketOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
