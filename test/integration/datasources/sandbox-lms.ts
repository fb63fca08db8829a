import { startSandbox } from '../../../sandbox/start.js';
import { createLearningReads } from '../../../src/datasources/learning-reads.js';
import { createLogger } from '../../../src/logger.js';
import { connectLms } from './scripted-lms.js';

export interface LoggedCall {
  method: string;
  path: string;
  query: string;
  auth: string;
  purpose: string;
  status: number;
}

/** The sandbox LMS of the demo, in this process, with its levers. */
export async function startSandboxLms() {
  const sandbox = await startSandbox({
    lmsPort: 0,
    smtpPort: 0,
    porticoUrl: 'http://localhost:1',
    sso: { clientId: 'lms', clientSecret: 'lms-secret' },
    apiClient: { clientId: 'portico-code', clientSecret: 'portico-code-secret' },
    worker: { clientId: 'portico-worker', clientSecret: 'portico-worker-secret', username: 'portico_worker' },
  });
  const lever = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${sandbox.lmsUrl}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    url: sandbox.lmsUrl,
    faults: (...faults: { match: string; mode: string; method?: string; times?: number; ms?: number }[]) =>
      lever('PUT', 'faults', faults),
    noFaults: () => lever('DELETE', 'faults'),
    settings: (settings: Record<string, unknown>) => lever('PUT', 'settings', settings),
    seed: (population: Record<string, number>) => lever('POST', 'seed', population),
    reset: () => lever('DELETE', 'state'),
    forgetCalls: () => lever('DELETE', 'requests'),
    async calls(): Promise<LoggedCall[]> {
      const answer: unknown = await (await lever('GET', 'requests')).json();
      return (Array.isArray(answer) ? answer : (answer as { requests: LoggedCall[] }).requests) as LoggedCall[];
    },
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
