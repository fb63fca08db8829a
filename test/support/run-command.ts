import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { testEnvironment } from './settings.js';

type CommandEnvironment = { DATABASE_URL: string; [name: string]: string };

/** Starts a command as an operator does, in a process of its own, which the caller ends. */
export function startCommand(args: readonly string[], env: CommandEnvironment) {
  return spawn(process.execPath, ['bin/portico.js', ...args], {
    env: { PATH: process.env.PATH, PORTICO_PUBLIC_URL: 'http://portico.localhost:8053', ...testEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Below the time that a test has for it, so that the test says what the command was at. */
const longestMs = 50_000;

/** Runs a command to its end. One that does not come to it is killed. */
export async function runCommand(args: readonly string[], env: CommandEnvironment) {
  const startedAt = performance.now();
  let saidAfterMs = 0;
  const read = async (stream: Readable) => {
    let all = '';
    for await (const chunk of stream.setEncoding('utf8')) {
      all += chunk;
      saidAfterMs = Math.round(performance.now() - startedAt);
    }
    return all;
  };
  const child = startCommand(args, env);
  const end = setTimeout(() => child.kill('SIGKILL'), longestMs);
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'exit')]);
  clearTimeout(end);
  if (child.signalCode === 'SIGKILL') {
    const what = `did not end within ${longestMs} ms, and said this, the last of it after ${saidAfterMs} ms`;
    throw new Error(`portico ${args.join(' ')} ${what}: ${stdout}${stderr}`);
  }
  return { status: child.exitCode, stdout, stderr };
}
