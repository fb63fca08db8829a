import type { Elisions } from './elisions.js';
import { type Header, headerOf, type RecordedExchange } from './exchange.js';

interface SetCookie {
  readonly name: string;
  readonly isDeleted: boolean;
  /** The whole line, where it is known. */
  readonly line: string | null;
}

/** The two that every answer to a token carries; the recordings leave them out, or one of them. */
const ON_TOKEN_CALLS = ['openedx-language-preference (deleted)', 'sessionid'];

/** Whether an answer sets and deletes the cookies that are recorded, and no others. */
export function compareSetCookies(
  exchange: RecordedExchange,
  actualHeaders: readonly Header[],
  elisions: Elisions,
): string[] {
  const { request, answer } = exchange;
  // The pages of the logout are recorded with their elements only, and say in words that the cookies are those of the first.
  if (answer.body?.startsWith('<!-- relevant elements only') && headerOf(answer.headers, 'set-cookie') === undefined)
    return [];
  const hasToken = /^(Bearer|JWT) /.test(headerOf(request.headers, 'authorization') ?? '');
  const recorded = setCookies(answer.headers);
  const all = setCookies(actualHeaders);
  const isLeftOut = (cookie: SetCookie): boolean =>
    (cookie.name === 'openedx-language-preference' || (hasToken && cookie.name === 'sessionid')) &&
    !recorded.some(({ name }) => name === cookie.name);
  const actual = all.filter((cookie) => !isLeftOut(cookie));
  const [wanted, found] = [recorded, actual].map((cookies) => cookies.map(describe).sort().join(', '));
  if (wanted !== found) return [`Set-Cookie: ${wanted || 'none'} is recorded, not ${found || 'none'}`];
  return [
    ...(hasToken && isOfAnApiView(exchange) ? missingOnTokenCalls(all) : []),
    ...recorded.flatMap(({ name, line }) => compareLine(name, line, actual, elisions)),
  ];
}

/** Error pages, refused media types and refused tokens are answered before anybody is recognised. */
function isOfAnApiView({ answer }: RecordedExchange): boolean {
  return ![401, 406].includes(answer.status) && !headerOf(answer.headers, 'content-type')?.startsWith('text/html');
}

function missingOnTokenCalls(cookies: readonly SetCookie[]): string[] {
  const missing = ON_TOKEN_CALLS.filter((wanted) => !cookies.some((cookie) => describe(cookie) === wanted));
  return missing.map((name) => `Set-Cookie: ${name} is on every answer to a token, and missing`);
}

function compareLine(name: string, line: string | null, actual: readonly SetCookie[], elisions: Elisions): string[] {
  const sent = actual.find((cookie) => cookie.name === name)?.line;
  if (line === null || !sent) return [];
  if (line.includes('…')) elisions.learn(cookieValue(line), cookieValue(sent));
  return attributesOf(line) === attributesOf(sent)
    ? []
    : [`Set-Cookie ${name}: ${attributesOf(line)} is recorded, not ${attributesOf(sent)}`];
}

function setCookies(headers: readonly Header[]): SetCookie[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .flatMap(([, value]) => (value.includes('; ') ? [wholeLine(value)] : shortList(value)));
}

function wholeLine(line: string): SetCookie {
  return { name: line.slice(0, line.indexOf('=')), isDeleted: /; Max-Age=0(;|$)/.test(line), line };
}

/** `csrftoken=…, sessionid (deleted)` */
function shortList(value: string): SetCookie[] {
  return value
    .split(', ')
    .map((item) => ({ name: item.replace(/(=| ).*/, ''), isDeleted: item.endsWith('(deleted)'), line: null }));
}

function describe({ name, isDeleted }: SetCookie): string {
  return `${name}${isDeleted ? ' (deleted)' : ''}`;
}

export function cookieValue(line: string): string {
  return line.slice(line.indexOf('=') + 1).split('; ')[0] ?? '';
}

/** Attributes without the date, which is of the day. */
function attributesOf(line: string): string {
  return line
    .split('; ')
    .slice(1)
    .filter((attribute) => !attribute.startsWith('expires='))
    .join('; ');
}
