import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';

/** One of the two that are measured: a server in a process of its own. */
export interface Side extends AsyncDisposable {
  name: 'portico' | 'peer';
  /** Without trailing slash. */
  url: string;
  /** Signs somebody in, each time with a new session. @returns the value of a `Cookie` header */
  signIn(): Promise<string>;
  /** Processor time that the server has used so far, in ms; `undefined` where the system does not tell. */
  processorMs(): number | undefined;
}

/** Both sides have the same clients, in the words of OpenID Connect registration. */
export const clients = {
  /** Signs people in, as the LMS does. */
  web: {
    client_id: 'bench-web',
    client_secret: 'web-secret-of-the-benchmark-0123456789abcdef',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ['http://client.localhost:9000/callback'],
    scope: 'openid profile email user:read',
  },
  refreshing: {
    client_id: 'bench-refreshing',
    client_secret: 'refreshing-secret-of-the-benchmark-01234567',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://client.localhost:9000/callback'],
    scope: 'openid profile email user:read',
  },
  service: {
    client_id: 'bench-service',
    client_secret: 'service-secret-of-the-benchmark-0123456789a',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'user:read',
  },
} satisfies Record<string, BenchClient>;

export type BenchClient = {
  client_id: string;
  client_secret: string;
  grant_types: ('authorization_code' | 'refresh_token' | 'client_credentials')[];
  response_types: 'code'[];
  redirect_uris: string[];
  scope: string;
};

export interface ServerProcess extends AsyncDisposable, Pick<Side, 'processorMs'> {
  process: ChildProcess;
}

/** How Linux counts in `/proc`. */
const ticksPerSecond = 100;

/**
 * Starts a server with the Node.js of this process.
 *
 * @param options.cpu - the processor it is to stay on, when it is pinned
 * @param options.profileDir - where to leave a CPU profile, when one is wanted
 */
export function startServer(
  args: readonly string[],
  { cpu, env, profileDir, logFile }: ServerOptions & { env?: Record<string, string> },
): ServerProcess {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const command = [process.execPath, ...profiling, ...args];
  const [program = '', ...rest] = cpu === undefined ? command : ['taskset', '--cpu-list', String(cpu), ...command];
  const log = openSync(logFile, 'a');
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', log], env: { PATH: process.env.PATH, ...env } });
  return {
    process: child,
    processorMs() {
      if (process.platform !== 'linux') return undefined;
      // The name of the program, in parentheses, may hold anything.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
      return ((userTicks + systemTicks) * 1000) / ticksPerSecond;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface ServerOptions {
  cpu?: number | undefined;
  profileDir?: string | undefined;
  /** Gets what the server says when it is in trouble. */
  logFile: string;
}
