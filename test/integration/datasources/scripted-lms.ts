import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadConfig } from '../../../src/config/config.js';
import { createLmsApi } from '../../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../../src/datasources/lms/lms-client.js';
import { createLogger } from '../../../src/logger.js';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Script = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A server that answers as a test says, for what no LMS and no sandbox does on demand. */
export async function startScriptedLms(script: Script) {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const each = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: await text(request),
    };
    seen.push(each);
    await script(each, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export interface ClientSettings {
  env?: Record<string, string>;
  clock?: () => Date;
}

/** Settings of a Portico whose LMS is at `lmsUrl`, the worker being an OAuth client unless `env` says otherwise. */
export function lmsSettings(lmsUrl: string, env: Record<string, string> = {}) {
  return loadConfig({
    DATABASE_URL: 'postgres://localhost/unused',
    SMTP_URL: 'smtp://localhost',
    PORTICO_SECRET_KEYS: 'x'.repeat(32),
    OPENEDX_API_BASE_URL: lmsUrl,
    OPENEDX_API_CLIENT_ID: 'portico-code',
    OPENEDX_API_CLIENT_SECRET: 'portico-code-secret',
    OPENEDX_SERVICE_WORKER_CLIENT_ID: 'portico-worker',
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: 'portico-worker-secret',
    ...env,
  });
}

/** A client and its typed methods, closed together. */
export function connectLms(lmsUrl: string, { env, clock = () => new Date() }: ClientSettings = {}) {
  const { config, secrets } = lmsSettings(lmsUrl, env);
  const client = createLmsClient({
    config: config.lms,
    timeouts: config.timeouts,
    secrets,
    logger: createLogger('silent'),
    clock,
  });
  return { client, api: createLmsApi(client), [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}
