import type { Elisions } from './elisions.js';
import type { Header } from './exchange.js';

interface SetCookie {
  readonly name: string;
  readonly isDeleted: boolean;
  /** The whole line, where it is known. */
  readonly line: string | null;
}

/** The two that every answer to a token carries; the recordings leave them out, or one of them. */
const ON_TOKEN_CALLS = ['sessionid', 'openedx-language-preference'];

/** Whether an answer sets and deletes the cookies that are recorded, and no others. */
export function compareSetCookies(
  recordedHeaders: readonly Header[],
  actualHeaders: readonly Header[],
  hasToken: boolean,
  elisions: Elisions,
): string[] {
  const recorded = setCookies(recordedHeaders);
  const isLeftOut = ({ name }: SetCookie): boolean =>
    (hasToken ? ON_TOKEN_CALLS : ['openedx-language-preference']).includes(name) &&
    !recorded.some((each) => each.name === name);
  const actual = setCookies(actualHeaders).filter((cookie) => !isLeftOut(cookie));
  const [wanted, found] = [recorded, actual].map((cookies) => cookies.map(describe).sort().join(', '));
  if (wanted !== found) return [`Set-Cookie: ${wanted || 'none'} is recorded, not ${found || 'none'}`];
  return recorded.flatMap(({ name, line }) => {
    const sent = actual.find((cookie) => cookie.name === name)?.line;
    if (line === null || !sent) return [];
    if (line.includes('…')) elisions.learn(cookieValue(line), cookieValue(sent));
    return attributesOf(line) === attributesOf(sent)
      ? []
      : [`Set-Cookie ${name}: ${attributesOf(line)} is recorded, not ${attributesOf(sent)}`];
  });
}

export function setCookies(headers: readonly Header[]): SetCookie[] {
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
