/** An answer of the Registrar's REST API other than the wanted one: its status, and its body in the words of that API. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`answered ${status}`);
    this.name = 'Refusal';
  }
}

const challenge = { 'www-authenticate': 'JWT realm="api"' };

/** 401 for whoever sent nothing that says who they are. */
export const notAuthenticated = (): Refusal =>
  new Refusal(401, { detail: 'Authentication credentials were not provided.' }, challenge);

/** 403 for whoever lacks the right. */
export const forbidden = (detail = 'You do not have permission to perform this action.'): Refusal =>
  new Refusal(403, { detail });

/** 404 for what is not there, and for filters that name what does not exist. */
export const notFound = (detail = 'Not found.'): Refusal => new Refusal(404, { detail });

/** 405, with the methods that the address takes. */
export const methodNotAllowed = (method: string, allowed: readonly string[]): Refusal =>
  new Refusal(405, { detail: `Method "${method}" not allowed.` }, { allow: allowed.join(', ') });

/** 406 for whoever takes no JSON. */
export const notAcceptable = (): Refusal =>
  new Refusal(406, { detail: 'Could not satisfy the request Accept header.' });

/** 400 with a list of one text, as that API tells of bodies that it cannot use. */
export const badRequest = (text: string): Refusal => new Refusal(400, [text]);

/** 400 for a body that cannot be read at all. */
export const unreadable = (detail: string): Refusal => new Refusal(400, { detail });

/** 413 with what the limit is. */
export const tooLarge = (detail: string): Refusal => new Refusal(413, { detail });

/** 415 for a body of another type than the address takes. */
export const unsupportedMediaType = (mediaType: string): Refusal =>
  new Refusal(415, { detail: `Unsupported media type "${mediaType}" in request.` });
