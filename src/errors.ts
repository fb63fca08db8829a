import { type FillValues, fill, type Wording } from './words/fill.js';

/** The kinds of upstream the gateway reads from; part of every upstream error. */
export type UpstreamName = 'lms' | 'registrar' | 'discovery';

/**
 * Base of every error that a caller may see. Anything that is not an `AppError` is a bug: its text is masked and logged.
 * `code` is public API (GraphQL `extensions.code`), `retryable` says whether trying again later can help.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly httpStatus: number;
  readonly retryable: boolean = false;
  /** Whether the message may be shown to the caller. */
  readonly expose: boolean = true;

  /** The message with its values apart, for whoever says it in another language; only where there are values. */
  readonly wording: Wording | undefined = undefined;

  /** The fields that GraphQL and REST answers carry beside `code`. */
  extensions(): Record<string, unknown> {
    return { retryable: this.retryable };
  }
}

export class UnauthenticatedError extends AppError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'UNAUTHENTICATED';
  readonly httpStatus = 401;
  /** Value of the `WWW-Authenticate` header (RFC 6750 3). */
  readonly challenge: string;
  /** `NAMELESS`: the token is valid and says of nobody that it is theirs. */
  readonly reason: 'NAMELESS' | undefined;
  constructor(
    message = 'Sign in, or send a valid access token.',
    options?: ErrorOptions & { challenge?: string; reason?: 'NAMELESS' },
  ) {
    super(message, options);
    this.challenge = options?.challenge ?? 'Bearer';
    this.reason = options?.reason;
  }
}

export class ForbiddenError extends AppError {
  override readonly name = 'ForbiddenError';
  readonly code = 'FORBIDDEN';
  readonly httpStatus = 403;
  constructor(message = 'You may not do this.', options?: ErrorOptions) {
    super(message, options);
  }
}

export class NotFoundError extends AppError {
  override readonly name = 'NotFoundError';
  readonly code = 'NOT_FOUND';
  readonly httpStatus = 404;
}

/** Input that can never succeed as sent. `field` is the path inside the input, e.g. `['email']`. */
export class InvalidInputError extends AppError {
  override readonly name = 'InvalidInputError';
  readonly code = 'BAD_USER_INPUT';
  readonly httpStatus = 422;
  readonly field: readonly string[];
  /** Machine-readable detail a client may branch on, e.g. `USERNAME_TAKEN`. */
  readonly reason: string;
  override readonly wording: Wording | undefined;
  /** @param message - what is wrong and what would be right; may have places for `values`, e.g. `{count}` */
  constructor(
    message: string,
    details: { field?: readonly string[]; reason?: string; values?: FillValues } = {},
    options?: ErrorOptions,
  ) {
    super(details.values ? fill(message, details.values) : message, options);
    this.wording = details.values && { text: message, values: details.values };
    this.field = details.field ?? [];
    this.reason = details.reason ?? 'INVALID';
  }
  override extensions() {
    return { ...super.extensions(), field: this.field, reason: this.reason };
  }
}

/** The request is valid but another state of the world stands against it. */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  readonly code = 'CONFLICT';
  readonly httpStatus = 409;
}

export class RateLimitedError extends AppError {
  override readonly name = 'RateLimitedError';
  readonly code = 'RATE_LIMITED';
  readonly httpStatus = 429;
  override readonly retryable = true;
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
  override extensions() {
    return { ...super.extensions(), retryAfterSeconds: this.retryAfterSeconds };
  }
}

/**
 * The database is away, is coming back, or does not answer in time. Whether a statement that was under way took effect is not
 * known; `cause` has the driver's own words.
 */
export class DatabaseUnavailableError extends AppError {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'UNAVAILABLE';
  readonly httpStatus = 503;
  override readonly retryable = true;
  readonly retryAfterSeconds = 5;
  constructor(options?: ErrorOptions) {
    super('Portico cannot reach its database at the moment. Try again in a few seconds.', options);
  }
  override extensions() {
    return { ...super.extensions(), retryAfterSeconds: this.retryAfterSeconds };
  }
}

/** Files that others leave for Portico cannot be read. The message says what to do, and nothing of where they are. */
export class FilesUnavailableError extends AppError {
  override readonly name = 'FilesUnavailableError';
  readonly code = 'UNAVAILABLE';
  readonly httpStatus = 503;
  override readonly retryable = true;
  readonly retryAfterSeconds = 60;
  override extensions() {
    return { ...super.extensions(), retryAfterSeconds: this.retryAfterSeconds };
  }
}

/**
 * Why an upstream gave no usable answer. `throttled`, `circuit-open` and `unreachable` are states of the whole upstream;
 * `timeout` and `bad-answer` may concern this one call.
 */
export type UnavailableCause =
  | 'unreachable'
  | 'timeout'
  | 'server-error'
  | 'throttled'
  | 'circuit-open'
  | 'bad-answer'
  | 'credentials';

/** The upstream is down, slow, throttled or unintelligible: retry later. */
export class UpstreamUnavailableError extends AppError {
  override readonly name = 'UpstreamUnavailableError';
  readonly code = 'UPSTREAM_UNAVAILABLE';
  readonly httpStatus = 503;
  override readonly retryable = true;
  readonly upstream: UpstreamName;
  readonly why: UnavailableCause;
  /** HTTP status of the upstream, when it answered at all. */
  readonly status: number | undefined;
  /** True when the request was sent and may have taken effect although no answer came. */
  readonly mayHaveHappened: boolean;
  readonly retryAfterSeconds: number | undefined;
  constructor(
    message: string,
    details: {
      upstream: UpstreamName;
      why: UnavailableCause;
      status?: number;
      mayHaveHappened?: boolean;
      retryAfterSeconds?: number;
    },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.upstream = details.upstream;
    this.why = details.why;
    this.status = details.status;
    this.mayHaveHappened = details.mayHaveHappened ?? false;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
  override extensions() {
    return { ...super.extensions(), upstream: this.upstream };
  }
}

/** The upstream understood and refused: retrying unchanged will not help. */
export class UpstreamRejectedError extends AppError {
  override readonly name = 'UpstreamRejectedError';
  readonly code = 'UPSTREAM_REJECTED';
  readonly httpStatus = 502;
  readonly upstream: UpstreamName;
  readonly status: number;
  /** The parsed JSON body, for the one module that knows the endpoint; never shown to a caller. */
  readonly body: unknown;
  constructor(
    message: string,
    details: { upstream: UpstreamName; status: number; body?: unknown },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.upstream = details.upstream;
    this.status = details.status;
    this.body = details.body;
  }
  override extensions() {
    return { ...super.extensions(), upstream: this.upstream };
  }
}
