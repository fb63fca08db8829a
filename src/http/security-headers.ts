import helmet from '@fastify/helmet';
import fastify from 'fastify';

/**
 * The headers that every answer carries, whatever it is. They depend on the settings alone, so helmet makes them once, on a
 * server that nobody hears of, and not for each request.
 *
 * @param isHttps - whether people reach Portico by https
 */
export async function createSecurityHeaders(isHttps: boolean): Promise<Record<string, string>> {
  const app = fastify({ logger: false });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'https:', 'data:'],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    hsts: isHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    // Nothing to gain without scripts of others, and a frame of ours inside the LMS's sign-out page gets a process of its own by it.
    originAgentCluster: false,
  });
  const headers: Record<string, string> = {};
  app.get('/', async (_request, reply) => {
    for (const [name, value] of Object.entries(reply.getHeaders())) headers[name] = String(value);
    return '';
  });
  await app.inject('/');
  await app.close();
  return headers;
}
