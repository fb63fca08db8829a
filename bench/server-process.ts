import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';

/** A server in a process of its own; disposing it ends it. */
export interface ServerProcess extends AsyncDisposable {
  process: ChildProcess;
  /** Processor time that the server has used so far, in ms; `undefined` where the system does not tell. */
  processorMs(): number | undefined;
  /** Memory that it holds, in bytes; `undefined` where the system does not tell. */
  residentBytes(): number | undefined;
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
  { cpu, env, profileDir, logFile, isRead = false }: ServerOptions & { env?: Record<string, string> },
): ServerProcess {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const command = [process.execPath, ...profiling, ...args];
  const [program = '', ...rest] = cpu === undefined ? command : ['taskset', '--cpu-list', String(cpu), ...command];
  const log = openSync(logFile, 'a');
  const child = spawn(program, rest, {
    stdio: ['pipe', isRead ? 'pipe' : 'ignore', log],
    env: { PATH: process.env.PATH, ...env },
  });
  return {
    process: child,
    processorMs() {
      if (process.platform !== 'linux') return undefined;
      // The name of the program, in parentheses, may hold anything.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
      return ((userTicks + systemTicks) * 1000) / ticksPerSecond;
    },
    residentBytes() {
      if (process.platform !== 'linux') return undefined;
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      return Number(kib) * 1024;
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
  /** Whether somebody reads what it writes to standard output. A log there costs whoever reads it, who is not measured. */
  isRead?: boolean;
}
