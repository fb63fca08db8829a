import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Config } from '../config/config.js';
import type { Logger } from '../logger.js';
import { type RenderError, registerErrorAnswers } from './error-answer.js';
import { createRequestId } from './request-id.js';
import { RequestLogger } from './request-logger.js';
import { createSecurityHeaders } from './security-headers.js';
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
    childLoggerFactory: (parent, bindings, options) => new RequestLogger(parent, bindings, options),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: createRequestId(isTrusted),
    // Safe with any peer: admitRequest has put the believed address into the header.
    trustProxy: true,
    bodyLimit: bodyLimitBytes,
    routerOptions: { maxParamLength: 500, ignoreDuplicateSlashes: false },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  const securityHeaders = await createSecurityHeaders(config.publicUrl.startsWith('https:'));
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders).header('x-request-id', request.id);
    const refusal = admitRequest(request.raw);
    if (refusal === 'plain-http') {
      void reply.redirect(config.publicUrl + request.url, 308);
      return;
    }
    done(refusal === 'foreign-host' ? new ForeignHostError(config.publicUrl) : undefined);
  });
  // There is nothing in these lines to be looked through for secrets.
  const accessLog = logger.child({}, { redact: { paths: [] } });
  app.addHook('onResponse', (request, reply, done) => {
    accessLog.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
    done();
  });
  registerErrorAnswers(app, renderError);
  return { app, admitRequest };
}
