import { InvalidInputError } from '../errors.js';

/** What an opaque id stands for: a type of the graph and the key of one of its objects. */
export interface NodeKey {
  readonly type: string;
  readonly key: string;
}

/** The opaque id of a node: stable, and of no meaning to clients. */
export function toGlobalId(type: string, key: string): string {
  return Buffer.from(`${type}:${key}`).toString('base64url');
}

/** @returns what the id stands for, or `undefined` when it is none of ours */
export function parseGlobalId(id: string): NodeKey | undefined {
  const text = Buffer.from(id, 'base64url').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || toGlobalId(text.slice(0, colon), text.slice(colon + 1)) !== id) return undefined;
  return { type: text.slice(0, colon), key: text.slice(colon + 1) };
}

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/**
 * The key behind an id that must be of one type, e.g. an argument `accountId`.
 *
 * @throws {@link InvalidInputError} for anything else
 */
export function readGlobalId(type: string, id: string, field: string): string {
  const node = parseGlobalId(id);
  if (node?.type === type && uuidPattern.test(node.key)) return node.key;
  throw new InvalidInputError(`${field} is not the id of an object of type ${type}.`, {
    field: [field],
    reason: 'BAD_ID',
  });
}

/** Whether a key can be one of a stored row. */
export function isRowKey(key: string): boolean {
  return uuidPattern.test(key);
}
