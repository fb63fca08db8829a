import { type Elisions, isShortened } from './elisions.js';
import type { ShortenedJson } from './shortened-json.js';

export interface JsonComparison {
  readonly elisions: Elisions;
  /** Full values seen so far in this file, by key: what `<as above>` means. */
  readonly seen: Map<string, ShortenedJson>;
  /** Whether the recording shows only some keys of objects. */
  readonly showsSelectedKeys: boolean;
  /** Paths whose values differ by nature; only their types are compared. */
  readonly valuesOfTheDay: readonly RegExp[];
}

/** Where and how an answer differs from its recording; nothing when it does not. */
export function compareJson(recorded: ShortenedJson, actual: unknown, comparison: JsonComparison): string[] {
  return compare(recorded, actual, '$', comparison);
}

function compare(recorded: ShortenedJson, actual: unknown, path: string, comparison: JsonComparison): string[] {
  switch (recorded.kind) {
    case 'object':
      return compareObject(recorded, actual, path, comparison);
    case 'array':
      return compareArray(recorded, actual, path, comparison);
    case 'value':
      return typeof recorded.value === 'string' && /^<.*>$|^as |^…$/s.test(recorded.value)
        ? compareMark(recorded.value, actual, path, comparison)
        : compareValue(recorded.value, actual, path, comparison);
  }
}

function compareObject(
  { entries, isCut }: Extract<ShortenedJson, { kind: 'object' }>,
  actual: unknown,
  path: string,
  comparison: JsonComparison,
): string[] {
  if (!isObject(actual)) return [`${path}: an object is recorded, not ${describe(actual)}`];
  const others = [...entries.keys()].find((key) => /^<.*>$/.test(key));
  const key = path.replace(/.*\./, '');
  const above = others === undefined || path === '$' ? undefined : comparison.seen.get(key);
  if (above !== undefined)
    return [...compareShape(above, actual, path), ...compareEntries(entries, actual, path, comparison)];
  if (others === undefined && !isCut && !comparison.showsSelectedKeys) {
    const unexpected = Object.keys(actual).filter((each) => !entries.has(each));
    if (unexpected.length > 0) return [`${path}: not recorded: ${unexpected.join(', ')}`];
    comparison.seen.set(key, { kind: 'object', entries, isCut });
  }
  return compareEntries(entries, actual, path, comparison);
}

function compareEntries(
  entries: ReadonlyMap<string, ShortenedJson>,
  actual: Readonly<Record<string, unknown>>,
  path: string,
  comparison: JsonComparison,
): string[] {
  return [...entries].flatMap(([key, node]) => {
    if (/^<.*>$/.test(key)) return [];
    if (!(key in actual)) return [`${path}: ${key} is recorded and missing`];
    return compare(node, actual[key], `${path}.${key}`, comparison);
  });
}

function compareArray(
  { items, isCut }: Extract<ShortenedJson, { kind: 'array' }>,
  actual: unknown,
  path: string,
  comparison: JsonComparison,
): string[] {
  if (!Array.isArray(actual)) return [`${path}: an array is recorded, not ${describe(actual)}`];
  const count = items.map(rowCount).find((each) => each !== null);
  const shown = items.filter((item) => rowCount(item) === null);
  const wanted = count ?? shown.length;
  if (!isCut && actual.length !== wanted) return [`${path}: ${wanted} rows are recorded, not ${actual.length}`];
  const differences = shown.flatMap((item, at) => compare(item, actual[at], `${path}[${at}]`, comparison));
  // Rows that the editor left out look like the last one that is shown.
  const model = shown.at(-1);
  const isUniform = !items.some((item) => item.kind === 'value' && /^<\d+ fields/.test(String(item.value)));
  const rest = !isUniform
    ? []
    : actual
        .slice(shown.length)
        .flatMap((row, at) => (model && !isCutDeep(model) ? compareShape(model, row, `${path}[+${at}]`) : []));
  return [...differences, ...rest];
}

function rowCount(node: ShortenedJson): number | null {
  const text = node.kind === 'value' && typeof node.value === 'string' ? node.value : '';
  const found = /^<(\d+) (?:rows|fields)/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function isCutDeep(node: ShortenedJson): boolean {
  if (node.kind === 'value') return false;
  return node.isCut || (node.kind === 'array' ? node.items : [...node.entries.values()]).some(isCutDeep);
}

/** What the editor wrote instead of a value. */
function compareMark(mark: string, actual: unknown, path: string, comparison: JsonComparison): string[] {
  const rows = /^<(\d+) rows/.exec(mark)?.[1];
  if (rows !== undefined && isObject(actual)) return compareMark(mark, actual.results, `${path}.results`, comparison);
  if (rows !== undefined)
    return Array.isArray(actual) && actual.length === Number(rows)
      ? []
      : [`${path}: ${rows} rows are recorded, not ${describe(actual)}`];
  const keys = /^<(\d+) keys(?:: (.*))?>$/.exec(mark);
  if (keys) {
    if (!isObject(actual)) return [`${path}: an object is recorded, not ${describe(actual)}`];
    const wanted = keys[2]?.split(', ').sort().join();
    const found = Object.keys(actual);
    if (found.length !== Number(keys[1])) return [`${path}: ${keys[1]} keys are recorded, not ${found.length}`];
    return wanted === undefined || wanted === found.sort().join()
      ? []
      : [`${path}: other keys than recorded: ${found.join(', ')}`];
  }
  const above = /^<?as /.test(mark) ? comparison.seen.get(path.replace(/.*\./, '')) : undefined;
  if (above !== undefined) return compareShape(above, actual, path);
  return actual === undefined || actual === null ? [`${path}: something is recorded, not ${describe(actual)}`] : [];
}

function compareValue(
  recorded: string | number | boolean | null,
  actual: unknown,
  path: string,
  { elisions, valuesOfTheDay }: JsonComparison,
): string[] {
  if (recorded === null || actual === null || typeof recorded !== typeof actual)
    return recorded === actual ? [] : [`${path}: ${describe(recorded)} is recorded, not ${describe(actual)}`];
  if (valuesOfTheDay.some((pattern) => pattern.test(path))) return [];
  if (typeof recorded === 'string' && typeof actual === 'string' && isSameText(recorded, actual, elisions)) return [];
  return recorded === actual ? [] : [`${path}: ${describe(recorded)} is recorded, not ${describe(actual)}`];
}

const INSTANT_OF_THE_DAY = /^2026-11-2\dT[\d:]+(\.\d{6})?Z$/;

function isSameText(recorded: string, actual: string, elisions: Elisions): boolean {
  if (INSTANT_OF_THE_DAY.test(recorded)) return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/.test(actual);
  if (/^https?:\S*[?&]cursor=/.test(recorded)) return isSameCursorLink(recorded, actual, elisions);
  if (isShortened(recorded) && /^https?:/.test(recorded))
    return actual.startsWith(recorded.slice(0, recorded.indexOf('%2C')));
  return elisions.matches(recorded, actual);
}

/** The same link but for the cursor, which is learned for the request that follows it. */
function isSameCursorLink(recorded: string, actual: string, elisions: Elisions): boolean {
  const cursor = /(?<=[?&]cursor=)[^&]*/;
  const [wanted, found] = [cursor.exec(recorded)?.[0], cursor.exec(actual)?.[0]];
  if (wanted === undefined || found === undefined) return false;
  elisions.learn(wanted, found);
  const [left, right] = [recorded.replace(cursor, ''), actual.replace(cursor, '')];
  return isShortened(left) ? right.startsWith(left.slice(0, left.search(/,?…/))) : left === right;
}

/** Keys and types, not values: what rows that the editor left out must look like. */
export function compareShape(model: ShortenedJson, actual: unknown, path: string): string[] {
  if (model.kind === 'array') {
    if (!Array.isArray(actual)) return [`${path}: an array is recorded, not ${describe(actual)}`];
    const first = model.items.find((item) => rowCount(item) === null);
    return first === undefined ? [] : actual.flatMap((row, at) => compareShape(first, row, `${path}[${at}]`));
  }
  if (model.kind === 'object') {
    if (!isObject(actual)) return [`${path}: an object is recorded, not ${describe(actual)}`];
    const wanted = [...model.entries.keys()].sort().join();
    const found = Object.keys(actual).sort().join();
    if (wanted !== found) return [`${path}: keys ${wanted} are recorded, not ${found}`];
    return [...model.entries].flatMap(([key, node]) => compareShape(node, actual[key], `${path}.${key}`));
  }
  // Null and a value of any type are two forms of the same field.
  if (model.value === null || actual === null || typeof model.value === typeof actual) return [];
  return [`${path}: ${describe(model.value)} is recorded, not ${describe(actual)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
