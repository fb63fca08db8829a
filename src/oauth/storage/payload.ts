import { type AdapterPayload, errors } from 'oidc-provider';

/** What the provider keeps of a model: its own JSON, without a schema of ours. */
export type Payload = AdapterPayload;

/** Longest id that is looked up; the provider's own have 43 characters, client ids up to 100. */
const longestId = 512;

/** Whether a value may be an id at all: printable ASCII. Anything else is unknown, without asking the database, which refuses NUL. */
export function isStorableId(id: string): boolean {
  return id.length <= longestId && /^[\x21-\x7e]+$/.test(id);
}

/**
 * @returns JSON for a `jsonb` column
 * @throws `InvalidRequest` when a text holds NUL, which PostgreSQL cannot store: only a broken or hostile client sends it
 */
export function serializePayload(payload: Payload | readonly object[]): string {
  const json = JSON.stringify(payload);
  // NUL is escaped so, and so is a backslash before u0000, which is harmless.
  if (json.includes('\\u0000') && /(^|[^\\])(\\\\)*\\u0000/.test(json))
    throw new errors.InvalidRequest('parameters must not hold NUL characters');
  return json;
}

/** @returns the value of a text column */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
