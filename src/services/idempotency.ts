import type { EntityManager } from '@mikro-orm/postgresql';
import { sha256 } from '../crypto/hash.js';
import { IdempotencyKeyEntity } from '../entities/idempotency-key.entity.js';
import { InvalidInputError } from '../errors.js';

/** A caller's own name for one request, so that a repeat of it is recognised. */
export interface IdempotentRequest {
  /** The account or client that asks. */
  callerId: string;
  /** e.g. `enrollInCourse`. */
  operation: string;
  key: string;
  /** What is asked for; the same key with another input is refused. */
  input: Record<string, unknown>;
}

/** Room for a UUID and a name before it; longer than the index takes would be a fault of ours. */
const longestKey = 200;

/**
 * @returns id of the row that an earlier request with this key resulted in
 * @throws {@link InvalidInputError} `IDEMPOTENCY_KEY_REUSED` when the key was used for something else,
 * `IDEMPOTENCY_KEY_INVALID` when it is empty or too long
 */
export async function findEarlierResult(em: EntityManager, request: IdempotentRequest): Promise<string | undefined> {
  const { callerId, operation, key } = request;
  if (key.length === 0 || key.length > longestKey)
    throw new InvalidInputError(`An idempotency key has 1 to ${longestKey} characters.`, {
      field: ['idempotencyKey'],
      reason: 'IDEMPOTENCY_KEY_INVALID',
    });
  const earlier = await em.findOne(IdempotencyKeyEntity, { callerId, operation, key });
  if (!earlier) return undefined;
  if (earlier.inputHash !== hashOf(request.input))
    throw new InvalidInputError('This idempotency key was used for another request. Use a new one.', {
      field: ['idempotencyKey'],
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  return earlier.resultId;
}

/**
 * Remembers what a request resulted in. Of two transactions with the same key at once, the second waits for the first and
 * is told that it came late.
 *
 * @returns false when another request with this key was faster: look for its result
 */
export async function rememberResult(
  em: EntityManager,
  request: IdempotentRequest,
  resultId: string,
  now: Date,
): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `insert into idempotency_key (caller_id, operation, key, input_hash, result_id, created_at)
     values (?, ?, ?, ?, ?, ?) on conflict do nothing returning 1`,
    [request.callerId, request.operation, request.key, hashOf(request.input), resultId, now],
  );
  return rows.length > 0;
}

function hashOf(input: Record<string, unknown>): string {
  const sorted = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(sorted));
}
