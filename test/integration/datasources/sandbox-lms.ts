import { startSandbox } from '../../../sandbox/start.js';
import { createLearningReads } from '../../../src/datasources/learning-reads.js';
import { createLogger } from '../../../src/logger.js';
import { lmsSigningKeys } from '../../sandbox/credentials.js';
import { pullLever, type SandboxFault, type SandboxRequest } from '../../support/sandbox-levers.js';
import { connectLms } from './scripted-lms.js';

/** The sandbox LMS of the demo, in this process, with its levers. */
export async function startSandboxLms() {
  const sandbox = await startSandbox({
    lmsPort: 0,
    smtpPort: 0,
    signingKeys: lmsSigningKeys,
    porticoUrl: 'http://localhost:1',
    sso: { clientId: 'lms', clientSecret: 'lms-secret' },
    apiClient: { clientId: 'portico-code', clientSecret: 'portico-code-secret' },
    worker: { clientId: 'portico-worker', clientSecret: 'portico-worker-secret', username: 'portico_worker' },
    retirement: { clientId: 'portico-retirement', clientSecret: 'portico-retirement-secret' },
  });
  const lever = (method: string, path: string, body?: unknown) => pullLever(sandbox.lmsUrl, method, path, body);
  return {
    url: sandbox.lmsUrl,
    faults: (...faults: SandboxFault[]) => lever('PUT', 'faults', faults),
    noFaults: () => lever('DELETE', 'faults'),
    settings: (settings: Record<string, unknown>) => lever('PUT', 'settings', settings),
    seed: (population: Record<string, number>) => lever('POST', 'seed', population),
    reset: () => lever('DELETE', 'state'),
    forgetCalls: () => lever('DELETE', 'requests'),
    calls: async () => (await lever('GET', 'requests')) as SandboxRequest[],
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** Learning reads over a client of their own, with a clock to move. */
export function connectReads(lmsUrl: string, env: Record<string, string> = {}) {
  const time = { nowMs: Date.now() };
  const clock = () => new Date(time.nowMs);
  const { client, api } = connectLms(lmsUrl, { env, clock });
  const reads = createLearningReads({
    api,
    clock,
    logger: createLogger('silent'),
    changes: { subscribe: () => () => {}, onResync: () => () => {} },
  });
  return { client, api, reads, time, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}
