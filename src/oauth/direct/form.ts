import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';

/** Parameters of a request, each of which came once. */
export type Form = Readonly<Record<string, string>>;

/** Requests of programs are smaller by far. */
const mostBytes = 8 * 1024;

/**
 * Reads the form in the body of a request, and leaves the body as it was for whoever reads it next.
 *
 * @returns `undefined` for whatever is not a small plain form that came in one piece
 */
export async function peekForm(req: IncomingMessage): Promise<Form | undefined> {
  const { 'content-type': type, 'content-length': length, 'content-encoding': encoding } = req.headers;
  const bytes = Number(length);
  if (encoding !== undefined || !(bytes > 0 && bytes <= mostBytes)) return undefined;
  if (!/^application\/x-www-form-urlencoded(; ?charset=utf-8)?$/i.test(type ?? '')) return undefined;
  // A connection that breaks is for the next reader to notice.
  if (req.readableLength < bytes) await once(req, 'readable').catch(() => undefined);
  if (req.readableLength !== bytes) return undefined;
  const body: unknown = req.read(bytes);
  if (!(body instanceof Buffer)) return undefined;
  req.unshift(body);
  return toForm(body.toString('latin1'));
}

/** Reads what came url-encoded, in the body or behind the path. */
export function toForm(text: string): Form | undefined {
  if (/[^\x20-\x7e]|%00/.test(text)) return undefined;
  const form: Record<string, string> = {};
  for (const [name, value] of Object.entries(parse(text))) {
    if (typeof value !== 'string') return undefined;
    // The provider takes an empty parameter for none.
    if (value !== '') form[name] = value;
  }
  return form;
}

/** Whether a form has no other parameters than these. */
export function hasOnly(form: Form, names: ReadonlySet<string>): boolean {
  return Object.keys(form).every((name) => names.has(name));
}
