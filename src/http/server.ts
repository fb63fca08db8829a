import helmet from '@fastify/helmet';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Config } from '../config/config.js';
import type { Logger } from '../logger.js';
import { type RenderError, registerErrorAnswers } from './error-answer.js';
import { createRequestId } from './request-id.js';
import { type AdmitRequest, createAdmitRequest, createTrust, ForeignHostError } from './trusted-request.js';

const bodyLimitBytes = 1024 * 1024;

/** The web server without any route, and the check that WebSocket upgrades, which no hook sees, must make themselves. */
export interface HttpServer {
  app: FastifyInstance;
  admitRequest: AdmitRequest;
}

/**
 * Builds the web server with what holds for all routes: who is believed about addresses, which hosts are ours, security
 * headers, request ids, limits, error answers and access log. Nothing listens yet.
 */
export async function createHttpServer({
  config,
  logger,
  renderError,
}: {
  config: Config['http'];
  logger: Logger;
  renderError: RenderError;
}): Promise<HttpServer> {
  const isTrusted = createTrust(config.trustedProxies);
  const admitRequest = createAdmitRequest({ ...config, isTrusted });
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: createRequestId(isTrusted),
    // Safe with any peer: admitRequest has put the believed address into the header.
    trustProxy: true,
    bodyLimit: bodyLimitBytes,
    routerOptions: { maxParamLength: 500, ignoreDuplicateSlashes: false },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const refusal = admitRequest(request.raw);
    if (refusal === 'foreign-host') throw new ForeignHostError(config.publicUrl);
    if (refusal === 'plain-http') return reply.redirect(config.publicUrl + request.url, 308);
    return undefined;
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
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
    hsts: config.publicUrl.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    // Nothing to gain without scripts of others, and a frame of ours inside the LMS's sign-out page gets a process of its own by it.
    originAgentCluster: false,
  });
  registerErrorAnswers(app, renderError);
  return { app, admitRequest };
}
