import type { Answer } from './answer.js';

/**
 * How a view words its failures.
 * - `E1`: plain DRF, `{"detail"}`, with `WWW-Authenticate` and `Retry-After`.
 * - `E2`: the developer mixin, `{"developer_message"}`; it rebuilds the response and so loses both headers.
 */
export type ErrorFamily = 'E1' | 'E2';

/** A failure that the framework around a DRF view reports: the view's family decides the body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /**
   * @param detail - the text, or the whole body as an object (bearer errors)
   * @param retryAfterSeconds - for 429; undefined when the LMS computes no wait
   */
  constructor(
    readonly status: number,
    readonly detail: string | Readonly<Record<string, unknown>>,
    readonly retryAfterSeconds?: number,
  ) {
    super(typeof detail === 'string' ? detail : JSON.stringify(detail));
  }
}

/** An answer that a view gives from deep inside, whatever family it has: a body of its own. */
export class AnswerNow extends Error {
  override readonly name = 'AnswerNow';
  constructor(readonly answer: Answer) {
    super(`answer ${answer.status}`);
  }
}

/** The text of a 401 for a call without any credential. */
export const NO_CREDENTIALS = 'Authentication credentials were not provided.';

export function notAuthenticated(): ApiError {
  return new ApiError(401, NO_CREDENTIALS);
}

export function permissionDenied(): ApiError {
  return new ApiError(403, 'You do not have permission to perform this action.');
}

export function notFound(): ApiError {
  return new ApiError(404, 'Not found.');
}
