/**
 * Fails unless the lock file holds graphql once: two copies make two kinds of everything, and neither knows the other's.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const lock = JSON.parse(await readFile(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as {
  packages: Record<string, unknown>;
};
const copies = Object.keys(lock.packages).filter((path) => /(^|\/)node_modules\/graphql$/.test(path));
if (copies.length !== 1) {
  console.error(`graphql is there ${copies.length} times: ${copies.join(', ')}. Add an override to package.json.`);
  process.exitCode = 1;
}
