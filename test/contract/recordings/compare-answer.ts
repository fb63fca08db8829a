import { compareSetCookies } from './compare-cookies.js';
import { compareJson } from './compare-json.js';
import type { Elisions } from './elisions.js';
import { type Header, headerOf, type RecordedExchange } from './exchange.js';
import { parseShortenedJson, type ShortenedJson } from './shortened-json.js';
import { valuesOfTheDay } from './values-of-the-day.js';

/** An answer as it came over the wire. */
export interface ActualAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string;
}

export interface AnswerComparison {
  readonly elisions: Elisions;
  readonly seen: Map<string, ShortenedJson>;
  /** Whether the editor left out keys of the JSON without a mark. */
  readonly showsSelectedKeys: boolean;
}

/** What an answer says otherwise than its recording: status, headers that clients read, and body. */
export function compareAnswer(
  exchange: RecordedExchange,
  actual: ActualAnswer,
  comparison: AnswerComparison,
): string[] {
  const { answer } = exchange;
  if (answer.status !== actual.status)
    return [
      `status ${answer.status} is recorded, not ${actual.status} ${actual.body.slice(0, 150).replace(/\s+/g, ' ')}`,
    ];
  return [
    ...compareHeaders(answer.headers, actual.headers, comparison.elisions),
    ...compareContentType(exchange, actual),
    ...compareSetCookies(exchange, actual.headers, comparison.elisions),
    ...compareBody(exchange, actual, comparison),
  ];
}

function compareHeaders(recorded: readonly Header[], actual: readonly Header[], elisions: Elisions): string[] {
  const differences: string[] = [];
  for (const name of [
    'Allow',
    'Location',
    'WWW-Authenticate',
    'X-Frame-Options',
    'Content-Language',
    'Vary',
    'Connection',
  ]) {
    const [wanted, found] = [headerOf(recorded, name), headerOf(actual, name)];
    const isSame = wanted === undefined || (found !== undefined && elisions.matches(wanted, found));
    if (!isSame) differences.push(`${name}: ${wanted} is recorded, not ${found}`);
  }
  // Headers that say something by being there.
  for (const name of ['Retry-After', 'WWW-Authenticate', 'Location']) {
    const [wanted, found] = [headerOf(recorded, name), headerOf(actual, name)];
    if ((wanted === undefined) !== (found === undefined))
      differences.push(`${name}: ${wanted} is recorded, not ${found}`);
  }
  return differences;
}

function compareContentType({ answer }: RecordedExchange, actual: ActualAnswer): string[] {
  const hasNone = answer.body === '(empty body, no Content-Type)';
  const wanted = headerOf(answer.headers, 'Content-Type') ?? (hasNone ? undefined : 'application/json');
  const found = headerOf(actual.headers, 'Content-Type');
  return wanted === found ? [] : [`Content-Type: ${wanted} is recorded, not ${found}`];
}

function compareBody(
  exchange: RecordedExchange,
  { body, headers }: ActualAnswer,
  comparison: AnswerComparison,
): string[] {
  const recorded = exchange.answer.body ?? '';
  if (recorded === '' || recorded.startsWith('(empty body'))
    return body === '' ? [] : [`an empty body is recorded, not ${body.slice(0, 200)}`];
  if (recorded.startsWith('<HTML page') || recorded.includes('…<HTML cut'))
    return body === '' ? ['an HTML page is recorded, not an empty body'] : [];
  if (recorded.startsWith('<!-- relevant elements only')) return compareElements(recorded, body);
  if (headerOf(headers, 'Content-Type')?.startsWith('text/html'))
    return recorded.replace(/\s+/g, ' ') === body.trim().replace(/\s+/g, ' ')
      ? []
      : [`${recorded} is recorded, not ${body}`];
  const value = asWaitsMatch(recorded, body);
  if (typeof value === 'string') return [value];
  if (recorded.startsWith('…')) return [];
  const shortened = parseShortenedJson(value.recorded);
  return compareJson(shortened, asRecorded(shortened, JSON.parse(value.actual)), {
    ...comparison,
    valuesOfTheDay: valuesOfTheDay(exchange),
  });
}

/** The elements that the editor kept of a page: each is in the page, in this order. */
function compareElements(recorded: string, body: string): string[] {
  let at = 0;
  for (const element of recorded.split('\n').slice(1)) {
    // Attributes may follow; the recorded ones come first.
    const found = body.indexOf(element.slice(0, -1), at);
    if (found === -1) return [`${element} is recorded and missing`];
    at = found;
  }
  const [wanted, found] = [recorded, body].map((text) => text.match(/<iframe /g)?.length ?? 0);
  return wanted === found ? [] : [`${wanted} frames are recorded, not ${found}`];
}

/** The seconds that a throttle asks for depend on the moment; the words do not. */
function asWaitsMatch(recorded: string, actual: string): string | { recorded: string; actual: string } {
  const wait = /(?<=Expected available in )\d+ seconds?(?=\.)/g;
  const [left, right] = [recorded.match(wait), actual.match(wait)];
  if ((left === null) !== (right === null)) return `${recorded} is recorded, not ${actual}`;
  return { recorded: recorded.replace(wait, 'n'), actual: actual.replace(wait, 'n') };
}

/** Lists of courses are recorded as their ids alone where the heading says so; a list of plain texts is such a one. */
function asRecorded(recorded: ShortenedJson, value: unknown): unknown {
  const rows = recorded.kind === 'object' ? recorded.entries.get('results') : undefined;
  const first = rows?.kind === 'array' ? rows.items[0] : undefined;
  if (first?.kind !== 'value' || typeof first.value !== 'string' || !isCourseKey(first.value)) return value;
  if (value === null || typeof value !== 'object' || !('results' in value) || !Array.isArray(value.results))
    return value;
  return {
    ...value,
    results: value.results.map((row: unknown) =>
      row !== null && typeof row === 'object' && 'id' in row ? row.id : row,
    ),
  };
}

function isCourseKey(text: string): boolean {
  return text.startsWith('course-v1:');
}
