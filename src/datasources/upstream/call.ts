import type { UnavailableCause } from '../../errors.js';
import type { PlanTrace } from '../cost/plan-trace.js';
import type { Deadline } from './deadline.js';
import type { Purpose } from './purpose.js';

/** Who goes first when the upstream's budget is scarce, highest first. */
export const priorities = ['sign-up', 'viewer', 'staff', 'bulk'] as const;
export type Priority = (typeof priorities)[number];

export interface CallOptions {
  purpose: Purpose;
  /** Ends the caller's wait; the upstream may still finish the work. */
  signal?: AbortSignal | undefined;
  /** Default by purpose: `viewer` for `request` and `job`, `staff` for `refresh`, `bulk` for `schedule`. */
  priority?: Priority | undefined;
  /** Shared by several calls that one person waits for; a fresh one otherwise. */
  deadline?: Deadline | undefined;
  /** Told of the plans that the read is answered by. */
  trace?: PlanTrace | undefined;
  /** Told of each exchange with the upstream: how long it took, all waiting in lines of ours left out. */
  onExchange?: ((durationMs: number) => void) | undefined;
}

const defaultPriorities: Record<Purpose, Priority> = {
  request: 'viewer',
  refresh: 'staff',
  job: 'viewer',
  schedule: 'bulk',
};

/** Which calls go before which when the budget is short: as the caller says, else by purpose. */
export function priorityOf(options: CallOptions): Priority {
  return options.priority ?? defaultPriorities[options.purpose];
}

export type CallBody = { json: unknown; contentType?: string } | { form: Record<string, string> };

/** A final answer below 500: what the one module that knows the endpoint reads. */
export interface UpstreamAnswer {
  status: number;
  /** Parsed JSON; `undefined` when the body is empty or no JSON. */
  body: unknown;
  /** False for HTML, plain text and empty bodies. */
  isJson: boolean;
  /** Absent when the body is empty. */
  contentType: string | undefined;
  /** Of a file alone: its text, and, where it is kept elsewhere, the address there. */
  file?: { text: string; location: string | undefined } | undefined;
}

/**
 * One call of an upstream, complete but for who asks and how long they wait.
 *
 * @typeParam T - what {@link read} makes of the answer
 */
export interface UpstreamCall<T> {
  /** Stable name for metrics and logs, e.g. `grade.read`. */
  operation: string;
  /** Calls that fail together share a circuit breaker, e.g. `grades`. */
  family: string;
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query, percent-encoded, relative to the upstream's base URL. */
  path: string;
  body?: CallBody | undefined;
  headers?: Record<string, string> | undefined;
  /** `worker`: the service worker's token; `none`; or a ready `Authorization` header. */
  credentials: 'worker' | 'none' | { authorization: string };
  /** Whether repeating the call changes nothing; only such calls are tried again after they may have arrived. */
  isIdempotent: boolean;
  /** Whether a 401 is an answer of the endpoint and not the LMS's verdict about the token; none is, without it. */
  isOwn401?: ((answer: UpstreamAnswer) => boolean) | undefined;
  /**
   * Whether a plain 500 is read as an answer too, instead of as the upstream's own trouble: for endpoints that answer so when one row of
   * many cannot be stored. It is neither tried again nor counted against the upstream; who reads it decides what it means.
   */
  reads500?: boolean | undefined;
  /**
   * Whether a file is asked for: its text is read whatever its media type says, and a redirect is an answer, which who reads it may
   * follow.
   */
  isFile?: boolean | undefined;
  /** Name of the throttle that the upstream counts this call in, when it has one. */
  budget?: string | undefined;
  /**
   * Turns the answer (2xx or 4xx, and 500 with {@link reads500}; 401 of the worker, 408, 425 and 429 never arrive here) into a value.
   *
   * @throws UpstreamRejectedError or UpstreamUnavailableError for answers that are none
   */
  read(answer: UpstreamAnswer): T;
}

/** What one call cost, for metrics. */
export interface CallRecord {
  upstream: string;
  operation: string;
  /** HTTP status, or 0 when there was no answer. */
  status: number;
  outcome: 'ok' | 'rejected' | 'unavailable' | 'aborted';
  /** Of an `unavailable` one. */
  why: UnavailableCause | undefined;
  durationMs: number;
  tries: number;
}
