import { makeSigningKeys } from '../../sandbox/lms/auth/jwt.js';
import type { RunningSandbox, SandboxOptions } from '../../sandbox/start.js';

/** What the LMSs of the tests sign with: one pair for all, since making it takes longer than most of what is tested. */
export const lmsSigningKeys = await makeSigningKeys();

/** Options of a sandbox in memory on free ports, for tests. */
export const TEST_SANDBOX: SandboxOptions = {
  lmsPort: 0,
  smtpPort: 0,
  porticoUrl: 'http://localhost:9',
  signingKeys: lmsSigningKeys,
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

/** A JWT of the service worker, or of somebody else of the demo, from the LMS's token endpoint. */
export async function jwtOf({ lmsUrl }: Pick<RunningSandbox, 'lmsUrl'>, username?: string): Promise<string> {
  const { worker } = TEST_SANDBOX;
  const form: Record<string, string> =
    username === undefined
      ? { grant_type: 'client_credentials', client_id: worker.clientId, client_secret: worker.clientSecret }
      : { grant_type: 'password', client_id: 'login-service-client-id', username, password: 'lms-password-1' };
  const answer = await fetch(`${lmsUrl}/oauth2/access_token/`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, token_type: 'jwt' }),
  });
  return (await jsonOf<{ access_token: string }>(answer)).access_token;
}
