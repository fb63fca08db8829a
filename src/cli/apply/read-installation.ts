import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { InvalidInputError } from '../../errors.js';
import { type Installation, parseInstallation } from '../../services/installation/document.js';
import { type Mistake, mistaken } from '../../services/installation/mistakes.js';
import type { ProcessEnvironment } from '../environment.js';

/** Where a document may name what belongs to each installation, most of it secret, instead of holding it. */
const namedPlaces = [
  ['accounts', 'password'],
  ['clients', 'secret'],
  ['clients', 'jwks'],
  ['identityProviders', 'secret'],
] as const;

/**
 * Reads a document in YAML, of which JSON is a part. A secret stands in it as text, or as `{ env: NAME }` or
 * `{ file: path }`, the path from the folder of the document; so may a key set, which otherwise stands in it as it is.
 *
 * @throws InvalidInputError that lists every mistake
 */
export async function readInstallation(path: string, env: ProcessEnvironment): Promise<Installation> {
  const document = parseDocument(await readText(path));
  const [problem] = document.errors;
  if (problem) throw new InvalidInputError(`${path} is not YAML or JSON: ${problem.message}`);
  const content: unknown = document.toJS();
  const mistakes: Mistake[] = [];
  for (const [list, field] of namedPlaces) {
    for (const [index, row] of rowsOf(content, list).entries()) {
      try {
        const given = row[field];
        if (isRecord(given) && !isKeySet(field, given)) row[field] = await readNamed(given, dirname(path), env);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        mistakes.push({ place: `${list}[${index}].${field}`, message: error.message });
      }
    }
  }
  if (mistakes.length > 0) throw mistaken(mistakes);
  return parseInstallation(content);
}

async function readNamed(source: Record<string, unknown>, folder: string, env: ProcessEnvironment): Promise<string> {
  const { env: name, file, ...others } = source;
  if (Object.keys(others).length > 0 || (name === undefined) === (file === undefined))
    throw new InvalidInputError('must be a text, { env: NAME } or { file: path }');
  if (file !== undefined) return (await readText(resolve(folder, String(file)))).replace(/\r?\n$/, '');
  const value = env[String(name)];
  if (!value) throw new InvalidInputError(`the environment variable ${name} is not set`);
  return value;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new InvalidInputError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function isKeySet(field: string, given: Record<string, unknown>): boolean {
  return field === 'jwks' && 'keys' in given;
}

function rowsOf(content: unknown, list: string): Record<string, unknown>[] {
  const rows = isRecord(content) ? content[list] : undefined;
  return Array.isArray(rows) ? rows.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
