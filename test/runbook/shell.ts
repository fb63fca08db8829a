import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * Puts a `portico` into a folder, as the runbook calls it.
 *
 * @returns the folder, for the PATH
 */
export async function installPortico(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const path = join(bin, 'portico');
  await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/portico.js')}' "$@"\n`);
  await chmod(path, 0o755);
  return bin;
}

/**
 * Runs the lines of a page as its reader would.
 *
 * @throws at the first that fails, with what was written
 */
export async function runShell(script: string, env: Record<string, string>): Promise<void> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`this ended with ${child.exitCode}:\n${script}\n${stdout}\n${stderr}`);
}
