/** A header as it was written, in order; names keep their spelling. */
export type Header = readonly [name: string, value: string];

export interface RecordedRequest {
  readonly method: string;
  /** Path and query, shortened where the editor shortened it. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: string | null;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** As written, with the editor's marks; null when the block ends after the headers. */
  readonly body: string | null;
}

/** A call that the LMS made to its provider while it answered. */
export interface ProviderCall {
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
}

export interface RecordedExchange {
  /** File name, such as `e-grades.md`. */
  readonly file: string;
  /** Nearest `##` heading; empty before the first. */
  readonly section: string;
  /** Nearest `###` heading. */
  readonly heading: string;
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
  readonly providerCalls: readonly ProviderCall[];
  /** Header and claims of the JWT in the answer, as JSON text, where the recording decodes it. */
  readonly jwt: { readonly header: string; readonly claims: string } | null;
}

/** The first header of a name, in any letter case. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

/** How a failure or a table names an exchange. */
export function titleOf({ file, section, heading }: RecordedExchange): string {
  return [file, section, heading].filter((part) => part !== '').join(' › ');
}
