import type { SandboxOptions } from '../../sandbox/start.js';

/** Options of a sandbox in memory on free ports, for tests. */
export const TEST_SANDBOX: SandboxOptions = {
  lmsPort: 0,
  smtpPort: 0,
  porticoUrl: 'http://localhost:9',
  sso: { clientId: 'lms-client-id', clientSecret: 'lms-client-secret' },
  apiClient: { clientId: 'portico-code', clientSecret: 'portico-code-secret' },
  worker: {
    clientId: 'portico-worker',
    clientSecret: 'portico-worker-secret',
    username: 'portico_worker',
    staticToken: 'static-worker-token',
  },
};

/** The JSON of an answer; the test says what it expects to find in it. */
export async function jsonOf<T>(answer: Response | Promise<Response>): Promise<T> {
  return (await answer).json() as Promise<T>;
}
