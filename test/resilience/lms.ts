import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { createLmsApi, type LmsApi } from '../../src/datasources/lms/lms-api.js';
import { createLmsClient, type LmsClient } from '../../src/datasources/lms/lms-client.js';
import type { CallRecord } from '../../src/datasources/upstream/call.js';
import { createLogger } from '../../src/logger.js';
import { lmsSigningKeys } from '../sandbox/credentials.js';
import { type SandboxLevers, sandboxLevers } from '../support/sandbox-levers.js';
import { testClients, testSettings } from '../support/settings.js';
import { type Learner, redirectUri } from './learner.js';

export interface FaultyLms extends AsyncDisposable {
  url: string;
  levers: SandboxLevers;
  /** One whom nobody had before, `learner00002` and on. */
  nextLearner(): Learner;
}

/** A sandbox LMS with the demo and so many learners, which throttles nobody unless a fault says so. */
export async function startFaultyLms({ learners }: { learners: number }): Promise<FaultyLms> {
  await using stack = new AsyncDisposableStack();
  const sandbox: RunningSandbox = stack.use(
    await startSandbox({
      ...testClients,
      worker: { ...testClients.worker, username: 'portico_worker' },
      lmsPort: 0,
      smtpPort: 0,
      signingKeys: lmsSigningKeys,
      porticoUrl: 'http://localhost:1',
    }),
  );
  const levers = sandboxLevers(sandbox.lmsUrl);
  await levers.seed({ users: learners, courses: 3, enrollmentsPerUser: 1, seed: 6 });
  await levers.settings({ throttles: false, progressPages: true, registrationLimit: 100_000, tokenLimit: 100_000 });
  const { state } = sandbox;
  let count = 1;
  const resources = stack.move();
  return {
    url: sandbox.lmsUrl,
    levers,
    nextLearner() {
      count += 1;
      const username = `learner${String(count).padStart(5, '0')}`;
      const [token, refreshToken, code] = [`token-of-${username}`, `renewal-of-${username}`, `code-of-${username}`];
      const grant = { clientId: testClients.apiClient.clientId, username, scopes: ['read', 'write'] };
      const issuedAt = new Date();
      const expiresAt = new Date(issuedAt.getTime() + 3_600_000).toISOString();
      state.accessTokens.set(token, { ...grant, token, issuedAt: issuedAt.toISOString(), expiresAt });
      state.refreshTokens.set(refreshToken, { ...grant, token: refreshToken, accessToken: token });
      const once = { redirectUri, redirectUriSent: true, codeChallenge: null, codeChallengeMethod: 'plain' } as const;
      state.codes.set(code, { ...grant, ...once, code, expiresAt });
      return { username, token, refreshToken, code, adaId: state.user('ada')?.id ?? 0 };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What one process of Portico reaches the LMS by. */
export interface Connection extends AsyncDisposable {
  client: LmsClient;
  api: LmsApi;
  /** Every finished call. */
  records: CallRecord[];
}

/** Makes a connection that has seen no trouble yet: breakers closed, nothing cached, no token. */
export function connect(lmsUrl: string, env: Record<string, string>): Connection {
  const { config, secrets } = testSettings({
    DATABASE_URL: 'postgres://localhost/unused',
    OPENEDX_API_BASE_URL: lmsUrl,
    ...env,
  });
  const records: CallRecord[] = [];
  const client = createLmsClient({
    config: config.lms,
    timeouts: config.timeouts,
    secrets,
    logger: createLogger('silent'),
    clock: () => new Date(),
    onCall: (record) => void records.push(record),
  });
  const api = createLmsApi(client);
  return {
    client,
    api,
    records,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
