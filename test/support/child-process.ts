import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A test's own process, running a TypeScript file of the tests. Killed when disposed. */
export interface TestChild extends AsyncDisposable {
  process: ChildProcess;
  /** Resolves with the first line that begins so; rejects when the process ends before. */
  line(prefix: string): Promise<string>;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
}

const hooks = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));

/** @param script - URL of a `.ts` file */
export function startChild(script: URL, args: readonly string[], env: Record<string, string> = {}): TestChild {
  const child = spawn(
    process.execPath,
    ['--import', hooks, '--experimental-transform-types', '--no-warnings', fileURLToPath(script), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    process: child,
    line: (prefix) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line.startsWith(prefix));
          if (found) resolve(found);
          return found;
        };
        if (look()) return;
        reader.on('line', look);
        child.once('exit', (code) => look() ?? reject(new Error(`the child ended with ${code} before "${prefix}"`)));
      }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
