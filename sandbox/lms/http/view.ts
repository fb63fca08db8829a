/**
 * How an endpoint of the sandbox LMS is written.
 *
 * A module exports `xyzViews(lms: Lms): View[]`; `lms/views.ts` lists all of them. One view is one path with its methods:
 *
 * ```ts
 * export function gradeViews(lms: Lms): View[] {
 *   return [
 *     apiView('/api/grades/v1/courses/{course_key}/', {
 *       profile: 'P1',            // who is recognised; 'P0' reads no credentials
 *       errors: 'E2',             // wording of 401, 403, 404, 405, 406, 415, 429
 *       scopes: ['grades:read'],  // restricted JWTs pass only when they hold one of these
 *       throttle: 'enrollment',   // shared window per user; decided after permission
 *       permission: (call) => mayReadGrades(lms, call),   // throw permissionDenied(), notFound(), or return
 *       methods: { GET: (call) => json(rows(lms, call)) },
 *     }),
 *   ];
 * }
 * ```
 *
 * Paths are templates: `{username}`, `{course_key}`, `{provider_id}`, `{uuid}`, `{backend}`, `{slug}` stand for the LMS's own patterns, `[/]`
 * at the end means that the slash is optional; a regular expression with named groups is allowed too. Path parts arrive
 * decoded in `call.param(name)`. A request that only misses the final slash gets Django's 301.
 *
 * Order in a DRF view, as in DRF: `Accept` (406) → credentials (401) → restricted JWT (403) → permission → throttle (429) →
 * method (405) → handler. The body is parsed when the handler asks (`call.data()`), so 400 and 415 come last.
 *
 * A handler returns an {@link Answer}: `json(value, status?)`, `empty(status?)`, `html(…)`, `redirect(…)`. It throws
 * `ApiError` for failures that the view's family words, `AnswerNow(answer)` for a body of its own; anything else that is
 * thrown is the LMS's HTML 500, and `throw new LmsCrash('why')` says that the real LMS crashes there as well.
 */
import type { Answer } from './answer.js';
import type { BodyKind } from './body.js';
import type { Call } from './call.js';
import type { ErrorFamily } from './errors.js';

export type Handler = (call: Call) => Answer | Promise<Answer>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Which credentials a DRF view reads, in this order.
 * - `P5` JWT alone
 * - `P0` none · `P1` JWT, Bearer (inactive users too), session · `P2` JWT, session · `P3` JWT, session (its Bearer class
 *   asks a service that is not configured) · `P4` JWT, Bearer of active users only
 */
export type AuthProfile = 'P0' | 'P1' | 'P2' | 'P3' | 'P4' | 'P5';

/** The families that share one sliding window per user: `enrollment` 40 or 120 (staff) a minute, `courses` 20 or 40. */
export type ThrottleFamily = 'enrollment' | 'courses';

export interface ApiViewOptions {
  readonly profile: AuthProfile;
  readonly errors?: ErrorFamily;
  readonly methods: Partial<Record<Method, Handler>>;
  /** Whether anonymous calls reach the permission and the handler. Default: only with profile P0. */
  readonly anonymous?: boolean;
  /** Whether a valid API key stands for a caller (and lifts the throttle). Then `call.caller` may be null. */
  readonly apiKey?: boolean;
  readonly scopes?: readonly string[];
  readonly permission?: (call: Call) => void;
  readonly throttle?: ThrottleFamily;
  /** Parsers. Default: JSON, form, multipart. */
  readonly accepts?: readonly BodyKind[];
  /** 401 text of views whose authentication fails before the framework words it. */
  readonly unauthenticatedText?: string;
  /** First authenticator's challenge. Default: `JWT realm="api"`. */
  readonly challenge?: string;
  /** What OPTIONS answers as the view's name. */
  readonly name?: string;
  /** Hides the route, so that it answers as an unknown path: for releases that did not have it. */
  readonly isHidden?: () => boolean;
}

export interface PlainViewOptions {
  readonly methods: Partial<Record<Method, Handler>>;
  /** `Allow` of a 405. Default: the methods named here. */
  readonly allow?: string;
  readonly isHidden?: () => boolean;
  /** Runs before the method is looked at: rate limits. */
  readonly before?: (call: Call) => void;
}

export interface View {
  readonly pattern: RegExp;
  readonly isHidden: () => boolean;
  readonly api: ApiViewOptions | null;
  readonly plain: PlainViewOptions | null;
}

/** Thrown where the recorded LMS itself crashes: answered with its HTML 500. */
export class LmsCrash extends Error {
  override readonly name = 'LmsCrash';
}

/** The LMS's own URL patterns, by the name of the part. `\w` of Python takes letters of any script. */
const PARTS: Readonly<Record<string, string>> = {
  username: '[\\p{L}\\p{N}_ .@+-]+',
  course_key: '[^/+]+(?:/|\\+)[^/+]+(?:/|\\+)[^/?]+',
  provider_id: '[\\w.+-]+',
  uuid: '[A-Fa-f0-9-]+',
  usage_key: '(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?|[^/?]+)',
};

function compile(path: string | RegExp): RegExp {
  if (path instanceof RegExp) return path;
  const source = path
    .replace(/\[\/\]$/, '\u0000')
    .replace(/[.*+?^$()|\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${PARTS[name] ?? '[^/]+'})`)
    .replace('\u0000', '/?');
  return new RegExp(`^${source}$`, 'u');
}

/** A view of the LMS's REST framework. */
export function apiView(path: string | RegExp, options: ApiViewOptions): View {
  return { pattern: compile(path), isHidden: options.isHidden ?? (() => false), api: options, plain: null };
}

/** A plain Django view: no content negotiation, no credentials but the session, which the handler reads itself. */
export function plainView(path: string | RegExp, options: PlainViewOptions): View {
  return { pattern: compile(path), isHidden: options.isHidden ?? (() => false), api: null, plain: options };
}

/** The `Allow` header in Django's order. */
export function allowedMethods(methods: Partial<Record<Method, Handler>>): string {
  const order: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const named: string[] = order.filter((method) => methods[method] !== undefined);
  return [...named, ...(methods.GET ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}
