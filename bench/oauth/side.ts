import type { DatabaseMeter } from '../database-meter.js';
import type { ServerProcess } from '../server-process.js';

/** One of the two that are measured: a server in a process of its own. */
export interface Side extends Pick<ServerProcess, 'processorMs'>, AsyncDisposable {
  name: 'portico' | 'peer';
  database: Pick<DatabaseMeter, 'read' | 'settle'>;
  /** Without trailing slash. */
  url: string;
  /** Signs somebody in, each time with a new session. @returns the value of a `Cookie` header */
  signIn(): Promise<string>;
}

/** Both sides have the same clients, in the words of OpenID Connect registration. */
export const clients = {
  /** Signs people in, as the LMS does. */
  web: {
    client_id: 'bench-web',
    client_secret: 'web-secret-of-the-benchmark-0123456789abcdef',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ['http://client.localhost:9000/callback'],
    scope: 'openid profile email user:read',
  },
  refreshing: {
    client_id: 'bench-refreshing',
    client_secret: 'refreshing-secret-of-the-benchmark-01234567',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://client.localhost:9000/callback'],
    scope: 'openid profile email user:read',
  },
  service: {
    client_id: 'bench-service',
    client_secret: 'service-secret-of-the-benchmark-0123456789a',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'user:read',
  },
} satisfies Record<string, BenchClient>;

export type BenchClient = {
  client_id: string;
  client_secret: string;
  grant_types: ('authorization_code' | 'refresh_token' | 'client_credentials')[];
  response_types: 'code'[];
  redirect_uris: string[];
  scope: string;
};
