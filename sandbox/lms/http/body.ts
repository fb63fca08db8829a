import { ApiError } from './errors.js';

/** What a DRF view can read; `merge-patch` admits its media type only without any parameter. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'merge-patch';

const MEDIA_TYPES: Readonly<Record<BodyKind, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  'merge-patch': 'application/merge-patch+json',
};

/** The fields of a form or multipart body; files are left out. Any other media type is an empty form, as in Django. */
export async function readForm(contentType: string, body: Buffer): Promise<URLSearchParams> {
  if (contentType.startsWith(MEDIA_TYPES.form)) return new URLSearchParams(body.toString('utf8'));
  if (!contentType.startsWith(MEDIA_TYPES.multipart)) return new URLSearchParams();
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  const fields = new URLSearchParams();
  for (const [name, value] of form) if (typeof value === 'string') fields.append(name, value);
  return fields;
}

/**
 * A DRF view's `request.data`: parsed JSON, or an object of the form's fields (the last one of a name).
 *
 * @throws ApiError 415 for a media type that the view does not read, 400 for JSON that does not parse
 */
export async function readData(contentType: string, body: Buffer, kinds: readonly BodyKind[]): Promise<unknown> {
  if (body.length === 0) return {};
  const bare = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const kind = kinds.find((each) => MEDIA_TYPES[each] === (each === 'merge-patch' ? contentType.trim() : bare));
  if (kind === undefined) throw new ApiError(415, `Unsupported media type "${contentType}" in request.`);
  if (kind === 'form' || kind === 'multipart') return Object.fromEntries(await readForm(contentType, body));
  const source = body.toString('utf8');
  try {
    return JSON.parse(source);
  } catch {
    throw new ApiError(400, `JSON parse error - ${describeJsonError(source)}`);
  }
}

/** The words of Python's JSON parser for the commonest mistakes. */
function describeJsonError(source: string): string {
  const at = /^\s*\{\s*(?!["\s}])/.exec(source)?.[0].length;
  const [what, offset] =
    at === undefined ? ['Expecting value', 0] : ['Expecting property name enclosed in double quotes', at];
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  return `${what}: line ${line} column ${column} (char ${offset})`;
}
