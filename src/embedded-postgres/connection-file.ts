import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomSecret } from '../crypto/hash.js';
import { findFreePort } from './free-port.js';

/** How to reach the embedded database: kept beside the data, readable by its owner only. */
export interface Connection {
  /** The port that was used last and is tried first. */
  port: number;
  password: string;
}

/** Reads the file, or writes it with a new password and a free port. Of several processes that do so, one wins. */
export async function readOrCreateConnection(folder: string): Promise<Connection> {
  const path = join(folder, 'connection.json');
  const present = await readConnection(path);
  if (present) return present;
  const draft = `${path}.${randomSecret(6)}`;
  await writeConnection(draft, { port: await findFreePort(), password: randomSecret() });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(await readConnection(path))) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readOrCreateConnection(folder);
}

/** Remembers another port. */
export async function updateConnection(folder: string, connection: Connection): Promise<void> {
  const path = join(folder, 'connection.json');
  const draft = `${path}.${randomSecret(6)}`;
  await writeConnection(draft, connection);
  await rename(draft, path);
}

function writeConnection(path: string, connection: Connection): Promise<void> {
  return writeFile(path, `${JSON.stringify(connection)}\n`, { mode: 0o600 });
}

async function readConnection(path: string): Promise<Connection | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read: it belongs to the user who started Portico first.`, { cause: error });
  });
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (
    value instanceof Object &&
    'port' in value &&
    typeof value.port === 'number' &&
    'password' in value &&
    typeof value.password === 'string'
  )
    return { port: value.port, password: value.password };
  throw new Error(`${path} is damaged. Remove the folder to begin with an empty database.`);
}
