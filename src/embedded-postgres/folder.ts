import { createHash } from 'node:crypto';
import { chmod, mkdir, realpath, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { mayRead, type RunAs } from './run-as.js';

/**
 * The folder of the embedded database, `postgres` in Portico's home. When PostgreSQL runs as another user who cannot come
 * there (a clone below `/root`, say), it is a link to a folder of its own in `sharedFolder`.
 *
 * @returns absolute, links resolved
 */
export async function prepareFolder(home: string, runAs: RunAs | undefined, sharedFolder: string): Promise<string> {
  const folder = join(home, 'postgres');
  if (!(await exists(folder))) {
    const apart = join(sharedFolder, createHash('sha256').update(folder).digest('hex').slice(0, 16));
    if (runAs && !(await mayEnterHome(home, runAs))) {
      await mkdir(apart, { recursive: true, mode: 0o755 });
      await symlink(apart, folder).catch(async (error: unknown) => {
        // Another process may have been faster.
        if (!(await exists(folder))) throw error;
      });
    } else {
      await mkdir(folder, { recursive: true });
    }
  }
  const real = await realpath(folder);
  // Others may pass through to their own files, and read nothing.
  if (runAs) await chmod(real, 0o711);
  return real;
}

async function mayEnterHome(home: string, runAs: RunAs): Promise<boolean> {
  await chmod(home, 0o711);
  return mayRead(home, runAs);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
