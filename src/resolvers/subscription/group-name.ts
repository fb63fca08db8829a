import { createHash } from 'node:crypto';
import type { ExecutionArgs } from 'graphql';

/**
 * Names the group of a subscription. Whoever has the same name asks the same in the same words, hears of the same changes, and has the
 * same roles and scopes.
 *
 * @param followed - name of what is followed
 * @param digest - of what access decisions look at
 */
export function nameGroup(args: ExecutionArgs, followed: string, digest: string): string {
  const { document, operationName, variableValues } = args;
  const text = document.loc?.source.body;
  if (text === undefined) throw new Error('a subscription was parsed without its text');
  const parts = [text, operationName ?? null, canonical(variableValues ?? {}), followed, digest];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The same for objects that differ in the order of their keys only. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, canonical(inner)]);
}
