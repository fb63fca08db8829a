import { rejected } from '../upstream/answer.js';
import type { UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';

/**
 * The body of a success of a call that the service worker makes.
 *
 * @returns parsed JSON, or undefined for an empty body
 * @throws UpstreamUnavailableError (`credentials`) on 403: the worker needs staff rights, which no caller can help
 * @throws UpstreamRejectedError on any other 4xx, with its JSON when it is JSON
 */
export function accepted(operation: string, answer: UpstreamAnswer): unknown {
  if (answer.status === 403) throw unavailable('lms', 'credentials', { status: 403 });
  if (answer.status >= 400) throw rejected('lms', operation, answer);
  return answer.body;
}

/** A cursor that the LMS gave and does not take back: the list cannot be read to its end, and a part of it is none. */
export function assertCursorAccepted(answer: UpstreamAnswer, cursor: string | undefined): void {
  if (answer.status === 404 && cursor !== undefined) throw unavailable('lms', 'bad-answer', { status: 404 });
}

/** The `error_code` of a JSON refusal. */
export function errorCodeOf(body: unknown): string | undefined {
  return isObject(body) && typeof body.error_code === 'string' ? body.error_code : undefined;
}

/** Whether a 400 names this query parameter as the one that does not pass validation. */
export function namesField(body: unknown, field: string): boolean {
  return isObject(body) && isObject(body.field_errors) && field in body.field_errors;
}

/** Whether a parsed JSON value is an object, so that its members may be asked for. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
