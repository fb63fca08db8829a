import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomSecret, sha256 } from '../../crypto/hash.js';

/** Secrets of a demo: made once, kept in Portico's home, never used with an LMS of one's own. */
export interface DemoSecrets {
  /** `PORTICO_SECRET_KEYS`; with the embedded database only, as the two next. */
  secretKeys: string;
  /** Of Portico's client at the sandbox LMS. */
  apiClientSecret: string;
  /** Of the service worker's client at the sandbox LMS. */
  workerClientSecret: string;
  /** Of the sandbox LMS's client at Portico. */
  lmsClientSecret: string;
  /** Of the client `partner-demo` at Portico. */
  partnerClientSecret: string;
}

const names = [
  'secretKeys',
  'apiClientSecret',
  'workerClientSecret',
  'lmsClientSecret',
  'partnerClientSecret',
] as const satisfies readonly (keyof DemoSecrets)[];

/** Reads `demo-secrets.json` of Portico's home, or writes it. Of several processes that do so, one wins. */
export async function readOrCreateDemoSecrets(home: string): Promise<DemoSecrets> {
  const path = join(home, 'demo-secrets.json');
  const present = await readDemoSecrets(path);
  if (present) return present;
  const draft = `${path}.${randomSecret(6)}`;
  const secrets = Object.fromEntries(names.map((name) => [name, randomSecret()]));
  await writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(await readDemoSecrets(path))) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readOrCreateDemoSecrets(home);
}

/** The long-lived token that the service worker has at the sandbox beside its client, as an LMS of the set-up guide has one. */
export function workerTokenOf({ workerClientSecret }: Pick<DemoSecrets, 'workerClientSecret'>): string {
  return sha256(`service worker token ${workerClientSecret}`);
}

/** The secret of Portico's client at the sandbox's identity provider. */
export function identitySecretOf({ workerClientSecret }: Pick<DemoSecrets, 'workerClientSecret'>): string {
  return sha256(`identity provider secret ${workerClientSecret}`);
}

async function readDemoSecrets(path: string): Promise<DemoSecrets | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read: it belongs to the user who started Portico first.`, { cause: error });
  });
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (isDemoSecrets(value)) return value;
  throw new Error(`${path} is damaged. Remove ${path} and the folder postgres beside it to begin anew.`);
}

function isDemoSecrets(value: unknown): value is DemoSecrets {
  return value instanceof Object && names.every((name) => typeof Reflect.get(value, name) === 'string');
}
