import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface ShellResult {
  status: number | null;
  output: string;
}

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

/** Runs the lines of a page as its reader would, and stops at the first that fails. */
export async function runShell(script: string, env: Record<string, string>): Promise<ShellResult> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { status: child.exitCode, output: `${stdout}${stderr}` };
}
