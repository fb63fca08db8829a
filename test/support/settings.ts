import { loadConfig } from '../../src/config/config.js';

/** Cheap enough for tests, and not the cost of production, so that hashes made with it count as outdated there. */
export const testPasswordCost = { memoryKib: 64, passes: 1 };

/** What Portico and the sandbox know of each other. */
export const testClients = {
  sso: { clientId: 'lms', clientSecret: 'test-lms-client-secret-0123456789' },
  apiClient: { clientId: 'portico-api', clientSecret: 'test-api-client-secret' },
  worker: { clientId: 'portico-worker', clientSecret: 'test-worker-client-secret' },
  identity: { clientId: 'portico', clientSecret: 'test-identity-client-secret' },
  retirement: { clientId: 'portico-retirement', clientSecret: 'test-retirement-client-secret' },
};

/** Nothing listens there. */
const noPort = 9;

/** The environment of a Portico without a database, an LMS and a mail server. */
export const testEnvironment = {
  DATABASE_POOL_SIZE: '8',
  OPENEDX_API_BASE_URL: `http://localhost:${noPort}`,
  OPENEDX_API_CLIENT_ID: testClients.apiClient.clientId,
  OPENEDX_API_CLIENT_SECRET: testClients.apiClient.clientSecret,
  OPENEDX_SERVICE_WORKER_CLIENT_ID: testClients.worker.clientId,
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: testClients.worker.clientSecret,
  PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
  SMTP_URL: `smtp://localhost:${noPort}`,
};

/** Settings of such a Portico, with what `env` says on top. */
export function testSettings(env: Record<string, string>): ReturnType<typeof loadConfig> {
  return loadConfig({
    ...testEnvironment,
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: testClients.retirement.clientId,
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: testClients.retirement.clientSecret,
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...env,
  });
}
