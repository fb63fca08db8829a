import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';

import { readPostmaster } from '../../src/embedded-postgres/postmaster.js';
import { createLogger } from '../../src/logger.js';
import { eventually } from './eventually.js';
import { testClients, testEnvironment } from './settings.js';
import { findTestPort } from './test-port.js';

/** What can be killed. */
export type HalvesPart = 'web' | 'worker' | 'sandbox' | 'postgres';

export interface HalvesOptions {
  /** Folder for the data and the logs; new and empty. */
  home: string;
  /** Settings on top of those of the tests. */
  env?: Record<string, string>;
  /** The same for the sandbox. */
  sandboxEnv?: Record<string, string>;
}

const logger = createLogger('silent');
const readyDeadlineMs = 60_000;

/**
 * Portico as a school runs it: the built `portico web` and `portico worker`, each a process of its own, with a PostgreSQL and the
 * sandbox LMS beside them. All four can be killed; what they hold is on disk.
 */
export class Halves implements AsyncDisposable {
  readonly url: string;
  readonly lmsUrl: string;
  readonly databaseUrl: string;
  readonly workerClient = testClients.worker;
  readonly #children = new Map<Exclude<HalvesPart, 'postgres'>, ChildProcess>();

  private constructor(
    private readonly home: string,
    private readonly ports: { web: number; watch: number; lms: number; smtp: number },
    private readonly postgres: EmbeddedPostgres,
    private readonly env: Record<string, string>,
    private readonly sandboxEnv: Record<string, string>,
  ) {
    this.url = `http://localhost:${ports.web}`;
    this.lmsUrl = `http://localhost:${ports.lms}`;
    this.databaseUrl = postgres.url;
  }

  /** PostgreSQL with all migrations and the LMS as a client, and the sandbox; neither half runs yet. */
  static async create({ home, env = {}, sandboxEnv = {} }: HalvesOptions): Promise<Halves> {
    mkdirSync(home, { recursive: true });
    const [web, watch, lms, smtp] = [
      await findTestPort(),
      await findTestPort(),
      await findTestPort(),
      await findTestPort(),
    ];
    const postgres = await openEmbeddedPostgres({ home, logger });
    const halves = new Halves(home, { web, watch, lms, smtp }, postgres, env, sandboxEnv);
    try {
      await halves.#setUp();
      await halves.start('sandbox');
      return halves;
    } catch (error) {
      await halves[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Every setting of both halves. */
  get settings(): Record<string, string> {
    return {
      ...testEnvironment,
      HOST: 'localhost',
      PORT: String(this.ports.web),
      WORKER_WATCH_PORT: String(this.ports.watch),
      PORTICO_PUBLIC_URL: this.url,
      DATABASE_URL: this.databaseUrl,
      OPENEDX_API_BASE_URL: this.lmsUrl,
      SMTP_URL: `smtp://localhost:${this.ports.smtp}`,
      LOG_LEVEL: 'warn',
      ...this.env,
    };
  }

  /**
   * Starts a part that does not run, and waits until it takes requests; again when it gives up before, e.g. since PostgreSQL is not
   * back yet, as whatever supervises processes does.
   */
  async start(part: Exclude<HalvesPart, 'postgres'>): Promise<void> {
    if (this.isRunning(part)) return;
    await eventually(
      `${part} is ready (see ${join(this.home, `${part}.log`)})`,
      async () => {
        if (!this.isRunning(part)) this.#spawn(part);
        return isAnswering(this.#watchedAt[part]);
      },
      { deadlineMs: readyDeadlineMs, pauseMs: 200 },
    );
  }

  #spawn(part: Exclude<HalvesPart, 'postgres'>): void {
    const log = openSync(join(this.home, `${part}.log`), 'a');
    const isSandbox = part === 'sandbox';
    const child = spawn(process.execPath, isSandbox ? ['dist/sandbox/main.js'] : ['bin/portico.js', part], {
      env: { PATH: process.env.PATH, ...(isSandbox ? this.#sandboxSettings : this.settings) },
      // The sandbox ends with us, however we end.
      stdio: ['ignore', log, log, ...(isSandbox ? (['ipc'] as const) : [])],
    });
    this.#children.set(part, child);
  }

  isRunning(part: Exclude<HalvesPart, 'postgres'>): boolean {
    const child = this.#children.get(part);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  pidOf(part: Exclude<HalvesPart, 'postgres'>): number | undefined {
    return this.isRunning(part) ? this.#children.get(part)?.pid : undefined;
  }

  /** SIGKILL, at once for all. PostgreSQL comes back by itself; the others by {@link start}. */
  async kill(parts: readonly HalvesPart[]): Promise<void> {
    const postmaster = parts.includes('postgres')
      ? await readPostmaster(join(this.home, 'postgres', 'data')).catch(() => undefined)
      : undefined;
    const ended = parts.map(async (part) => {
      const child = part === 'postgres' ? undefined : this.#children.get(part);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    });
    if (postmaster) killIfThere(postmaster.pid);
    await Promise.all(ended);
  }

  /** A lever of the sandbox. */
  async pullLever(path: string, body: unknown, method = 'PUT'): Promise<void> {
    const answer = await fetch(this.lmsUrl + path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill(['web', 'worker', 'sandbox']);
    await this.postgres[Symbol.asyncDispose]();
  }

  get #watchedAt(): Record<Exclude<HalvesPart, 'postgres'>, string> {
    return {
      web: `${this.url}/health/ready`,
      worker: `http://localhost:${this.ports.watch}/health/ready`,
      sandbox: `${this.lmsUrl}/_sandbox/health`,
    };
  }

  get #sandboxSettings(): Record<string, string> {
    const { sso, apiClient, worker } = testClients;
    return {
      SANDBOX_DIR: join(this.home, 'sandbox'),
      SANDBOX_LMS_PORT: String(this.ports.lms),
      SANDBOX_SMTP_PORT: String(this.ports.smtp),
      SANDBOX_PORTICO_URL: this.url,
      SANDBOX_SSO_CLIENT_ID: sso.clientId,
      SANDBOX_SSO_CLIENT_SECRET: sso.clientSecret,
      SANDBOX_API_CLIENT_ID: apiClient.clientId,
      SANDBOX_API_CLIENT_SECRET: apiClient.clientSecret,
      SANDBOX_WORKER_CLIENT_ID: worker.clientId,
      SANDBOX_WORKER_CLIENT_SECRET: worker.clientSecret,
      ...this.sandboxEnv,
    };
  }

  async #setUp(): Promise<void> {
    const installation = join(this.home, 'installation.json');
    writeFileSync(installation, JSON.stringify({ clients: [lmsClient(this.lmsUrl)] }));
    await this.#run('migrate');
    await this.#run('apply', installation);
  }

  async #run(...args: string[]): Promise<void> {
    const child = spawn(process.execPath, ['bin/portico.js', ...args], {
      env: { PATH: process.env.PATH, ...this.settings },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    if (child.exitCode !== 0) throw new Error(`portico ${args[0]} ended with ${child.exitCode}`);
  }
}

/** The LMS as a client, as `portico configure-instance` sets it up. */
function lmsClient(lmsUrl: string) {
  const { clientId, clientSecret: secret } = testClients.sso;
  return {
    clientId,
    secret,
    name: 'edx-oauth-app',
    grantTypes: ['AUTHORIZATION_CODE'],
    redirectUris: [`${lmsUrl}/auth/complete/ol-oauth2/`],
    scopes: ['user:read'],
    skipConsent: true,
    requirePkce: false,
    allowRedirectState: true,
  };
}

async function isAnswering(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
