import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`; this file runs from `dist/src/cli/`. */
export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));

export type ProcessEnvironment = Record<string, string | undefined>;

/** The environment of the process, with `.env` of the project under it. */
export function readEnvironment(): ProcessEnvironment {
  const file = join(projectFolder, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}

/** Portico's home by absolute path: embedded database, sandbox, generated settings. */
export function homeFolder(env: ProcessEnvironment): string {
  const home = env.PORTICO_HOME || '.portico';
  return isAbsolute(home) ? home : join(projectFolder, home);
}
