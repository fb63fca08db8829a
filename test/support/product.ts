import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from './eventually.js';
import { findTestPort } from './test-port.js';

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The built product as people start it, in a home and on ports of its own; disposing it ends what is left and deletes the home. */
export interface Product extends AsyncDisposable {
  home: string;
  url: string;
  lmsUrl: string;
  /** What its commands are given as environment. */
  settings: Record<string, string>;
  /** `portico start`; resolves when Portico is ready. */
  start(): Promise<RunningStart>;
  /** Any command, to its end. */
  run(args: readonly string[], env?: Record<string, string>): Promise<CommandResult>;
  /** Process ids of PostgreSQL and the sandbox, as far as they run. */
  children(): Promise<{ postgres: number | undefined; sandbox: number | undefined }>;
}

export interface RunningStart {
  process: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** Sends a signal and waits for the end. @returns exit code */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** @throws when the project is not built */
export async function createProduct(): Promise<Product> {
  const parent = await mkdtemp(join(tmpdir(), 'portico-product-'));
  await chmod(parent, 0o755); // as root, PostgreSQL runs as another user and must be able to enter
  const home = join(parent, 'home');
  const [port, lmsPort, smtpPort] = await Promise.all([findTestPort(), findTestPort(), findTestPort()]);
  const settings = {
    PATH: process.env.PATH ?? '',
    PORT: String(port),
    SANDBOX_LMS_PORT: String(lmsPort),
    SANDBOX_SMTP_PORT: String(smtpPort),
    PORTICO_HOME: home,
  };
  const url = `http://localhost:${port}`;
  const lmsUrl = `http://localhost:${lmsPort}`;
  const spawnPortico = (args: readonly string[], env: Record<string, string> = {}) =>
    spawn(process.execPath, ['bin/portico.js', ...args], {
      env: { ...settings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const children = async () => ({
    postgres: await readPid(join(home, 'postgres', 'data', 'postmaster.pid')),
    sandbox: await readPid(join(home, 'sandbox', 'sandbox.pid')),
  });
  const starts: ChildProcess[] = [];
  return {
    home,
    url,
    lmsUrl,
    settings,
    children,
    async start() {
      const child = spawnPortico(['start']);
      starts.push(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      await eventually(
        'Portico is ready',
        async () => {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`);
          return fetch(`${url}/health/ready`).then(
            ({ ok }) => ok,
            () => false,
          );
        },
        { deadlineMs: 60_000 },
      );
      return {
        process: child,
        output: () => output,
        async end(signal) {
          const ended = once(child, 'exit');
          child.kill(signal);
          await ended;
          return child.exitCode;
        },
      };
    },
    async run(args, env) {
      const child = spawnPortico(args, env);
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
      return { status: child.exitCode, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      for (const child of starts) child.kill('SIGKILL');
      for (const pid of Object.values(await children())) if (pid) kill(pid);
      const data = await realpath(join(home, 'postgres')).catch(() => home);
      for (const folder of [parent, data]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** SIGKILL; harmless when the process is gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function readPid(path: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  return pid > 0 && isRunning(pid) ? pid : undefined;
}
