import { STATUS_CODES } from 'node:http';

/** What a handler answers. `body` null is an empty answer; without `contentType` no such header is sent, as DRF does. */
export interface Answer {
  readonly status: number;
  readonly body: string | null;
  readonly contentType: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const HTML = 'text/html; charset=utf-8';

/** A JSON answer of a DRF view, in DRF's compact form. */
export function json(value: unknown, status = 200, headers: Answer['headers'] = []): Answer {
  return { status, body: JSON.stringify(value), contentType: 'application/json', headers };
}

/** A JSON object with its members in the order given: numbers as names do not come first. */
export function jsonObject(members: Iterable<readonly [name: string, value: unknown]>, status = 200): Answer {
  const body = [...members].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return { status, body: `{${body.join(',')}}`, contentType: 'application/json', headers: [] };
}

/** Zero bytes and no `Content-Type`: what DRF views send as "nothing". */
export function empty(status = 200, headers: Answer['headers'] = []): Answer {
  return { status, body: null, contentType: null, headers };
}

/** Zero bytes of `text/html`: what plain Django views send as "nothing". */
export function emptyHtml(status = 200, headers: Answer['headers'] = []): Answer {
  return { status, body: '', contentType: HTML, headers };
}

export function html(body: string, status = 200, headers: Answer['headers'] = []): Answer {
  return { status, body, contentType: HTML, headers };
}

export function text(body: string, status: number): Answer {
  return { status, body, contentType: 'text/plain', headers: [] };
}

/** A redirect; `location` is sent as it is, relative ones stay relative, as in Django. */
export function redirect(location: string, status: 301 | 302 = 302): Answer {
  return { status, body: '', contentType: HTML, headers: [['Location', location]] };
}

/** The same answer with one header more. */
export function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: [...answer.headers, [name, value]] };
}

export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}
