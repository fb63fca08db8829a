import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
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
  const child = startCommand(args, env);
  const end = setTimeout(() => child.kill('SIGKILL'), longestMs);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  clearTimeout(end);
  if (child.signalCode === 'SIGKILL')
    throw new Error(`portico ${args.join(' ')} did not end within ${longestMs} ms: ${stdout}${stderr}`);
  return { status: child.exitCode, stdout, stderr };
}
