import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';

const FOREIGN_HOST = 'lms.invalid';

/** Text that is no JSON under the same status and media type. */
export function wrongJson(answer: Answer): Answer {
  return {
    ...answer,
    body: `${(answer.body ?? '').slice(0, 20)} … <this is not JSON>`,
    contentType: 'application/json',
  };
}

/** The same keys with values of other types: numbers for strings, strings for numbers, objects for lists. */
export function wrongTypes(answer: Answer): Answer {
  return changeJson(answer, spoil);
}

/** `next` leads to another host, as behind a proxy that hides the public name. */
export function foreignNext(answer: Answer): Answer {
  return changeJson(answer, (value) =>
    changeNext(value, (next) => {
      const url = new URL(next ?? 'http://localhost/?cursor=bm93aGVyZQ%3D%3D&page=2');
      url.host = FOREIGN_HOST;
      url.port = '';
      return url.href;
    }),
  );
}

/** `next` always leads to the same page again. */
export function endlessNext(call: Call, answer: Answer): Answer {
  return changeJson(answer, (value) =>
    changeNext(
      value,
      (next) => next ?? `${call.origin}${call.rawPath}${call.rawQuery === '' ? '' : `?${call.rawQuery}`}`,
    ),
  );
}

function changeJson(answer: Answer, change: (value: unknown) => unknown): Answer {
  if (answer.contentType !== 'application/json' || answer.body === null) return answer;
  return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) };
}

function changeNext(value: unknown, change: (next: string | null) => string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const object = { ...value } as Record<string, unknown>;
  if ('next' in object) object.next = change(typeof object.next === 'string' ? object.next : null);
  if ('pagination' in object) object.pagination = changeNext(object.pagination, change);
  return object;
}

function spoil(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length > 0 && value.every((item) => item !== null && typeof item === 'object')
      ? value.map(spoil)
      : { items: value.length };
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoil(item)]));
  if (typeof value === 'string') return value.length;
  if (typeof value === 'number') return `${value}!`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return [];
}
