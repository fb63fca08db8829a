import type { GraphQLFormattedError } from 'graphql';
import type { TypedDocumentString } from '../../src/generated/graphql.js';

/** Who asks, and where. */
export interface GraphCaller {
  /** Of the gateway, without trailing slash. */
  url: string;
  /** Access token; without one the caller is nobody, or whoever the cookie names. */
  token?: string;
  cookie?: string;
}

export interface GraphAnswer<Result> {
  status: number;
  data?: Result | null;
  errors?: GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

/** Runs a typed operation over HTTP. */
export function gql<Result, Variables>(
  caller: GraphCaller,
  document: TypedDocumentString<Result, Variables>,
  ...[variables]: Variables extends Record<string, never> ? [] : [Variables]
): Promise<GraphAnswer<Result>> {
  return askGraph<Result>(caller, String(document), variables);
}

/** The same for a document that only the test knows, right or wrong. */
export async function askGraph<Result = Record<string, unknown>>(
  { url, token, cookie }: GraphCaller,
  query: string,
  variables?: unknown,
): Promise<GraphAnswer<Result>> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: answer.status, ...((await answer.json()) as Omit<GraphAnswer<Result>, 'status'>) };
}

/** The data of an answer that must have no errors. */
export async function dataOf<Result>(answer: Promise<GraphAnswer<Result>>): Promise<Result> {
  const { data, errors } = await answer;
  if (errors || !data) throw new Error(`the graph answered ${JSON.stringify(errors)}`);
  return data;
}
