/** As much of an OpenAPI document as it takes to ask for everything that it describes. */
export interface ApiDocument {
  paths: Record<string, Record<string, ApiOperation>>;
}

interface ApiOperation {
  parameters?: { name: string; in: string; schema: { enum?: string[] } }[];
  requestBody?: { content: Record<string, unknown> };
}

export interface ApiCall {
  /** In capitals. */
  method: string;
  /** With its query. */
  path: string;
  body: ApiBody | undefined;
}

interface ApiBody {
  headers: Record<string, string>;
  /** Anew for each call: a form is read once. */
  content(): string | FormData;
}

/** What to send as a body of a type. */
export interface ApiBodies {
  json: string;
  file: string;
}

/**
 * Every operation that the document describes, without a query and with each parameter of one; HEAD beside GET.
 *
 * @param values - of parameters by their names
 * @throws Error naming a parameter for which there is no value, or a type of body that is not known here
 */
export function documentedCalls(
  document: ApiDocument,
  values: Readonly<Record<string, readonly string[]>>,
  bodies: ApiBodies,
): ApiCall[] {
  return Object.entries(document.paths).flatMap(([pattern, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => {
      const valuesOf = (name: string) => {
        const known = values[name] ?? parameters.find((each) => each.name === name)?.schema.enum;
        if (!known) throw new Error(`say what ${name} of ${method} ${pattern} is in the other school`);
        return known;
      };
      const paths = fill(pattern, valuesOf);
      const queries = parameters
        .filter((each) => each.in === 'query')
        .flatMap(({ name }) => valuesOf(name).map((value) => `?${new URLSearchParams({ [name]: value })}`));
      const body = requestBody && bodyOf(Object.keys(requestBody.content), bodies, `${method} ${pattern}`);
      return paths.flatMap((path) =>
        ['', ...queries].flatMap((query) =>
          (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]).map((verb) => ({
            method: verb,
            path: path + query,
            body,
          })),
        ),
      );
    }),
  );
}

/** The addresses of a pattern, one for each value that a part of it can have. */
function fill(pattern: string, valuesOf: (name: string) => readonly string[]): string[] {
  const [part, name] = /\{(\w+)\}/.exec(pattern) ?? [];
  if (part === undefined || name === undefined) return [pattern];
  return valuesOf(name).flatMap((value) => fill(pattern.replace(part, encodeURIComponent(value)), valuesOf));
}

function bodyOf(types: readonly string[], { json, file }: ApiBodies, operation: string): ApiBody {
  if (types.includes('application/json'))
    return { headers: { 'content-type': 'application/json' }, content: () => json };
  if (!types.includes('multipart/form-data')) throw new Error(`say what the body of ${operation} is: ${types}`);
  return {
    headers: {},
    content() {
      const form = new FormData();
      form.set('file', new Blob([file], { type: 'text/csv' }), 'rows.csv');
      return form;
    },
  };
}
