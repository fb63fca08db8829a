import { FIRST_PARTNER } from '../catalog/add.js';
import { throttled } from '../lms/auth/shared-throttle.js';
import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { ApiError } from '../lms/http/errors.js';
import { numberPage, offsetPage } from '../lms/http/standard-page.js';
import { type ApiViewOptions, apiView, type Handler, LmsCrash, type View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';

export const API = '/api/v1';
const PAGE_SIZE = 20;
const CALLS_AN_HOUR = 200;
const HOUR_SECONDS = 3600;

/** A view of Discovery's API: for anybody who signs in by JWT, throttled by the hour unless they are staff. */
export function discoveryView(lms: Lms, path: string, get: Handler, more: ApiViewOptions['methods'] = {}): View {
  return apiView(`${API}/${path}`, {
    profile: 'P5',
    permission: (call) => countCall(lms, call),
    methods: { GET: get, ...more },
  });
}

function countCall(lms: Lms, call: Call): void {
  const { user } = call;
  if (user.isStaff || user.isSuperuser || !lms.state.settings.throttles) return;
  if (!lms.attempts.admit('discovery', user.username, CALLS_AN_HOUR, HOUR_SECONDS, call.now.getTime()))
    throw throttled(HOUR_SECONDS);
}

/** The tenant that the request's host belongs to. */
export function partnerOf(lms: Lms, call: Call): string {
  const host = new URL(call.origin).hostname;
  return lms.state.settings.partnerHosts?.[host] ?? FIRST_PARTNER;
}

/** A flag of a request, 0 or 1. @throws LmsCrash for what is no whole number */
export function flag(call: Call, name: string): boolean {
  const text = call.argument(name);
  if (text === null || text === '') return false;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new LmsCrash(`${name} is no whole number.`);
  return Number(text) !== 0;
}

/** The values of a comma separated filter; null when it was not given. */
export function commaList(call: Call, name: string): readonly string[] | null {
  const text = call.argument(name);
  if (text === null || text === '') return null;
  return text.split(',').map((value) => value.trim());
}

/** A filter that is true or false. */
export function booleanFilter(call: Call, name: string): boolean | null {
  const word = call.argument(name)?.toLowerCase() ?? '';
  return ['true', '1'].includes(word) ? true : ['false', '0'].includes(word) ? false : null;
}

/** A list: by page when `page` is there, else by limit and offset. `fields` and `omit` trim its rows. */
export function listAnswer<T>(call: Call, rows: readonly T[], view: (row: T) => Record<string, unknown>): Answer {
  const trimmed = (row: T): Record<string, unknown> => trim(call, view(row));
  return call.query.has('page')
    ? numberPage(call, rows, PAGE_SIZE, trimmed)
    : offsetPage(call, rows, PAGE_SIZE, trimmed);
}

/** Keeps the members that `fields` names, and drops those that `omit` names. */
export function trim(call: Call, row: Record<string, unknown>): Record<string, unknown> {
  const kept = commaList(call, 'fields');
  const dropped = commaList(call, 'omit') ?? [];
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => (kept?.includes(name) ?? true) && !dropped.includes(name)),
  );
}

/** The choices of a filter that may be repeated. @throws ApiError 400 for one that does not exist */
export function choices(call: Call, name: string, known: readonly string[]): readonly string[] | null {
  const values = call.query.getAll(name);
  const wrong = values.find((value) => !known.includes(value));
  if (wrong !== undefined)
    throw new ApiError(400, { [name]: [`Select a valid choice. ${wrong} is not one of the available choices.`] });
  return values.length === 0 ? null : values;
}
