import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { readPostmaster } from '../../src/embedded-postgres/postmaster.js';
import { createLogger } from '../../src/logger.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { startWebProcess } from '../support/web-process.js';
import { createVisitors, type Visitor } from './visitors.js';

export interface OutageOptions {
  /** How long the database is away. */
  seconds: number;
  /** How many of each kind visit at the same time. */
  visitors: number;
  /** Folder for the database; new and empty. */
  home: string;
}

export interface OutageReport {
  /** Requests by what came of them, before, during and after. */
  answers: Record<'before' | 'during' | 'after', Record<string, number>>;
  /** Longest wait for an answer while the database was away. */
  longestMs: number;
  /** From the moment that the database could be reached again to the first answer that needs it. */
  recoveryMs: number;
  /** Empty: everybody was told clearly, and nobody lost anything. */
  problems: string[];
}

const steadySeconds = 3;
const secretKey = 'chaos-secret-key-of-at-least-32-characters';

/**
 * Kills PostgreSQL with SIGKILL while two processes serve sign-ins, tokens, pages and the graph, and keeps it away for a while.
 * Everybody keeps trying with what they have, and says what they were told.
 */
export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  await using stack = new AsyncDisposableStack();
  const logger = createLogger('silent');
  const server = stack.use(await openEmbeddedPostgres({ home: options.home, logger }));
  const { hostname, port, password } = new URL(server.url);
  const proxy = stack.use(await startTcpProxy({ host: hostname, port: Number(port) }));
  const env = settingsFor(`postgres://portico:${password}@127.0.0.1:${proxy.port}/portico`);
  await runPortico(['migrate'], env);
  const processes = [stack.use(await startWebProcess(env)), stack.use(await startWebProcess(env))];
  const visitors = await createVisitors({
    urls: processes.map(({ url }) => url),
    count: options.visitors,
    runPortico: (args) => runPortico(args, env),
  });

  let phase: 'before' | 'during' | 'after' = 'before';
  let backAt = Number.POSITIVE_INFINITY;
  let isOver = false;
  const report: OutageReport = {
    answers: { before: {}, during: {}, after: {} },
    longestMs: 0,
    recoveryMs: Number.POSITIVE_INFINITY,
    problems: [],
  };
  const keepVisiting = async (visitor: Visitor) => {
    while (!isOver) {
      const begunIn = phase;
      const begunAt = performance.now();
      const { status, problem } = await visitor.visit();
      const endedAt = performance.now();
      const counts = report.answers[begunIn];
      counts[status] = (counts[status] ?? 0) + 1;
      if (problem) report.problems.push(`${visitor.name}: ${problem}`);
      if (begunIn === 'during') report.longestMs = Math.max(report.longestMs, endedAt - begunAt);
      if (begunIn !== 'after' || status === '503') continue;
      report.recoveryMs = Math.min(report.recoveryMs, endedAt - backAt);
    }
  };
  const visiting = Promise.all(visitors.map(keepVisiting));
  await pause(steadySeconds);
  const postmaster = await readPostmaster(join(options.home, 'postgres', 'data'));
  if (!postmaster) throw new Error('PostgreSQL does not run');
  phase = 'during';
  await proxy.cut();
  process.kill(postmaster.pid, 'SIGKILL');
  await pause(options.seconds);
  await proxy.restore();
  backAt = performance.now();
  phase = 'after';
  await pause(steadySeconds);
  isOver = true;
  await visiting;
  const { after } = report.answers;
  if (!after['200']) report.problems.push('nothing worked afterwards');
  for (const visitor of visitors) {
    const { status, problem } = await visitor.visit();
    if (status !== '200') report.problems.push(`${visitor.name}: ${status} at the end${problem ? `, ${problem}` : ''}`);
  }
  return report;
}

function settingsFor(databaseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    PORTICO_SECRET_KEYS: secretKey,
    OPENEDX_API_BASE_URL: 'http://localhost:9',
    OPENEDX_API_CLIENT_ID: 'unused',
    OPENEDX_API_CLIENT_SECRET: 'unused',
    OPENEDX_SERVICE_WORKER_API_TOKEN: 'unused',
    SMTP_URL: 'smtp://localhost:9',
    LOG_LEVEL: 'silent',
  };
}

/** @returns what a command answers in JSON */
async function runPortico(args: readonly string[], env: Record<string, string>): Promise<Record<string, string>> {
  const child = spawn(process.execPath, ['bin/portico.js', ...args, '--json'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`portico ${args[0]} ended with ${child.exitCode}`);
  return JSON.parse(output);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
