import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from './environment.js';

/** The version in `package.json`. */
export async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  return manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown';
}
