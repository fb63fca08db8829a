import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientCredentials } from '../../config/secrets.js';
import { isFreePort } from '../../embedded-postgres/free-port.js';
import { busUrlOf, type SandboxPlace } from '../demo/demo-environment.js';
import { projectFolder } from '../environment.js';

const readyDeadlineMs = 20_000;
const stopDeadlineMs = 5000;

export interface SandboxProcessOptions {
  home: string;
  place: SandboxPlace;
  /** Where the sandbox finds Portico. */
  porticoUrl: string;
  /** Its client at Portico. */
  lmsClient: ClientCredentials | undefined;
  /** Portico's client at the sandbox, for learners' API tokens. */
  apiClient: ClientCredentials | undefined;
  /** The service worker's client at the sandbox. */
  workerClient: ClientCredentials | undefined;
  /** Its token beside the client. */
  workerToken: string | undefined;
  /** Of Portico's client at the identity provider. */
  identitySecret: string | undefined;
  /** Redis of the event bus; where it is the sandbox's own, it serves that. */
  busUrl: string | undefined;
  /** Stream that it publishes on. */
  busTopic: string;
  /** The client that may retire people at the sandbox. */
  retirementClient: ClientCredentials | undefined;
  /** Called when it ends without having been asked to. */
  onExit: (code: number | null) => void;
}

/** Whether nobody listens where the sandbox is to listen. */
export async function isSandboxPlaceFree({
  lmsPort,
  smtpPort,
  discoveryPort,
  registrarPort,
  identityPort,
}: SandboxPlace): Promise<boolean> {
  const areFree = await Promise.all(
    [lmsPort, smtpPort, discoveryPort, registrarPort, identityPort].map((port) => isFreePort(port)),
  );
  return areFree.every(Boolean);
}

/**
 * Ends the sandbox that a killed run of this very folder left behind, so that its place is free.
 *
 * @throws when somebody else listens there
 */
export async function replaceLeftSandbox(home: string, place: SandboxPlace): Promise<void> {
  const kept = Number(await readFile(pidFile(home), 'utf8').catch(() => ''));
  const running = await askPid(place.lmsUrl);
  if (running !== undefined && running === kept) endProcess(running, 'SIGTERM');
  const deadline = Date.now() + stopDeadlineMs;
  while (!(await isSandboxPlaceFree(place))) {
    if (Date.now() > deadline) {
      if (running === undefined || running !== kept)
        throw new Error(
          `The ports of the sandbox (${place.lmsPort}, ${place.smtpPort}, ${place.discoveryPort}, ${place.registrarPort}, ${place.identityPort}) are taken by something else. End it, or set SANDBOX_LMS_PORT, SANDBOX_SMTP_PORT, SANDBOX_DISCOVERY_PORT, SANDBOX_REGISTRAR_PORT and SANDBOX_IDENTITY_PORT.`,
        );
      endProcess(running, 'SIGKILL');
    }
    await delay(50);
  }
}

/** Starts the sandbox as a child that ends with us. Resolves when it takes requests. */
export async function startSandboxProcess(options: SandboxProcessOptions): Promise<AsyncDisposable> {
  const { home, place } = options;
  const folder = join(home, 'sandbox');
  await mkdir(folder, { recursive: true });
  const log = openSync(join(folder, 'sandbox.log'), 'a');
  const child = spawn(process.execPath, [join(projectFolder, 'dist', 'sandbox', 'main.js')], {
    stdio: ['ignore', log, log, 'ipc'],
    // In a group of its own: Ctrl-C reaches us first, and the sandbox outlives the requests under way.
    detached: true,
    env: {
      PATH: process.env.PATH,
      SANDBOX_DIR: folder,
      SANDBOX_LMS_PORT: String(place.lmsPort),
      SANDBOX_SMTP_PORT: String(place.smtpPort),
      SANDBOX_DISCOVERY_PORT: String(place.discoveryPort),
      SANDBOX_REGISTRAR_PORT: String(place.registrarPort),
      SANDBOX_IDENTITY_PORT: String(place.identityPort),
      ...(options.identitySecret && { SANDBOX_IDENTITY_CLIENT_SECRET: options.identitySecret }),
      SANDBOX_PORTICO_URL: options.porticoUrl,
      ...(options.busUrl === busUrlOf(place.busPort)
        ? { SANDBOX_BUS_PORT: String(place.busPort) }
        : { SANDBOX_BUS_URL: options.busUrl }),
      SANDBOX_BUS_TOPIC: options.busTopic,
      ...clientSettings('SANDBOX_SSO', options.lmsClient),
      ...clientSettings('SANDBOX_API', options.apiClient),
      ...clientSettings('SANDBOX_WORKER', options.workerClient),
      ...(options.workerToken && { SANDBOX_WORKER_TOKEN: options.workerToken }),
      ...clientSettings('SANDBOX_RETIREMENT', options.retirementClient),
    },
  });
  let isStopping = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      resolve();
      if (!isStopping) options.onExit(code);
    });
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    await ended;
    clearTimeout(timer);
    await rm(pidFile(home), { force: true });
  };
  try {
    await writeFile(pidFile(home), String(child.pid));
    await waitUntilReady(child, place.lmsUrl, join(folder, 'sandbox.log'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}

function clientSettings(prefix: string, client: ClientCredentials | undefined): Record<string, string> {
  return client ? { [`${prefix}_CLIENT_ID`]: client.clientId, [`${prefix}_CLIENT_SECRET`]: client.clientSecret } : {};
}

async function waitUntilReady(child: ChildProcess, lmsUrl: string, logFile: string): Promise<void> {
  for (const deadline = Date.now() + readyDeadlineMs; Date.now() < deadline; await delay(25)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if ((await askPid(lmsUrl)) === child.pid) return;
  }
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`The sandbox LMS did not start. Its log ends with:\n${log.slice(-1000)}`);
}

/** @returns the process id of the sandbox that answers there */
async function askPid(lmsUrl: string): Promise<number | undefined> {
  try {
    const answer: unknown = await (
      await fetch(`${lmsUrl}/_sandbox/health`, { signal: AbortSignal.timeout(2000) })
    ).json();
    return answer instanceof Object && 'pid' in answer && typeof answer.pid === 'number' ? answer.pid : undefined;
  } catch {
    return undefined;
  }
}

function pidFile(home: string): string {
  return join(home, 'sandbox', 'sandbox.pid');
}

function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself
  }
}
