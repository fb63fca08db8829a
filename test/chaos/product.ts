import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTestPort } from '../support/test-port.js';
import type { ChaosSite, Victim } from './site.js';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const readyDeadlineMs = 60_000;

const killings: readonly (readonly Victim[])[] = [
  ['product'],
  ['product', 'postgres'],
  ['postgres'],
  ['product', 'postgres'],
  ['product'],
];

/** `portico start` in a home of its own: the built product, with the PostgreSQL and the sandbox LMS that it brings along. */
export class Product implements ChaosSite {
  readonly killings = killings;
  readonly home: string;
  readonly #env: Record<string, string>;
  readonly url: string;
  readonly lmsUrl: string;
  #process: ChildProcess | undefined;

  private constructor(home: string, ports: { web: number; lms: number; smtp: number }) {
    this.home = home;
    this.url = `http://localhost:${ports.web}`;
    this.lmsUrl = `http://localhost:${ports.lms}`;
    this.#env = {
      PATH: process.env.PATH ?? '',
      PORTICO_HOME: home,
      PORT: String(ports.web),
      SANDBOX_LMS_PORT: String(ports.lms),
      SANDBOX_SMTP_PORT: String(ports.smtp),
      LOG_LEVEL: 'info',
      // The LMS's limits per minute are not what is tried here.
      LMS_ENROLLMENT_CALLS_PER_MINUTE: '100000',
      // Of an LMS that hangs nobody here waits a minute to hear nothing.
      EDX_API_CLIENT_TIMEOUT: '5',
    };
  }

  static async create(home: string): Promise<Product> {
    mkdirSync(home, { recursive: true });
    const [web, lms, smtp] = [await findTestPort(), await findTestPort(), await findTestPort()];
    return new Product(home, { web, lms, smtp });
  }

  get databaseUrl(): string {
    const connection = JSON.parse(readFileSync(join(this.home, 'postgres', 'connection.json'), 'utf8'));
    return `postgres://portico:${encodeURIComponent(connection.password)}@127.0.0.1:${connection.port}/portico`;
  }

  /** Credentials of the service worker at the sandbox, to ask the LMS for its side of the story. */
  get workerClient(): { clientId: string; clientSecret: string } {
    const secrets = JSON.parse(readFileSync(join(this.home, 'demo-secrets.json'), 'utf8'));
    return { clientId: 'portico-worker', clientSecret: secrets.workerClientSecret };
  }

  /** Starts it, whatever a killed run left behind, and waits until it takes requests. */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const log = openSync(join(this.home, 'product.log'), 'a');
    const child = spawn(process.execPath, [join(projectFolder, 'bin', 'portico.js'), 'start'], {
      cwd: projectFolder,
      env: this.#env,
      stdio: ['ignore', log, log],
    });
    this.#process = child;
    const deadline = Date.now() + readyDeadlineMs;
    while (!(await this.isReady())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`portico start did not come up; see ${join(this.home, 'product.log')}`);
      await pause(100);
    }
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/health/readiness`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    return answer?.ok === true;
  }

  /** `PUT` on a lever of the sandbox. */
  async pullLever(path: string, body: unknown): Promise<void> {
    const answer = await fetch(this.lmsUrl + path, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  /** Whether it still runs; a product that gave up by itself would be a finding. */
  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** SIGKILL, at once for all: nothing is flushed, nobody is told. */
  async kill(victims: readonly Victim[]): Promise<void> {
    const ended =
      victims.includes('product') && this.isRunning ? once(this.#process as ChildProcess, 'exit') : undefined;
    const pids = {
      product: () => this.#process?.pid,
      web: () => undefined,
      worker: () => undefined,
      postgres: () => this.#postgresPid(),
      sandbox: () => this.#sandboxPid(),
    };
    for (const pid of victims.map((victim) => pids[victim]())) if (pid) signal(pid, 'SIGKILL');
    await ended;
  }

  /** Ctrl-C, and waits for the end of everything that it started. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#process as ChildProcess, 'exit');
    this.#process?.kill('SIGTERM');
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  /** Leaves nothing running, also after a run that failed half-way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.kill(['sandbox', 'postgres']);
  }

  #postgresPid(): number | undefined {
    return readPid(join(this.home, 'postgres', 'data', 'postmaster.pid'), 'postgres');
  }

  #sandboxPid(): number | undefined {
    return readPid(join(this.home, 'sandbox', 'sandbox.pid'), 'sandbox');
  }
}

/** A left-over file may name a process that has nothing to do with us: its command line must hold `word`. */
function readPid(path: string, word: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
