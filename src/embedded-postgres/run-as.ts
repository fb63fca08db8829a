import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The system user that PostgreSQL runs as. */
export interface RunAs {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root lends it another user: the owner of the data that is already there, else
 * `postgres` where the system has it, else `nobody`. No user is created.
 *
 * @returns `undefined` when this process is not root and PostgreSQL runs as the same user
 * @throws Error when root and the system knows neither user
 */
export async function chooseRunAs(dataDir: string): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    const ids = await lookUp(name);
    if (ids) return ids;
  }
  throw new Error(
    'PostgreSQL does not run as root, and this system has no user "postgres" or "nobody" to run it as. Run npm start as another user, or set DATABASE_URL.',
  );
}

/** Asks the system, as that user, whether it may enter a folder or read a file, all folders above included. */
export async function mayRead(path: string, runAs: RunAs | undefined): Promise<boolean> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    await run('test', [isFolder ? '-x' : '-r', path], { ...runAs, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

async function lookUp(name: string): Promise<RunAs | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
