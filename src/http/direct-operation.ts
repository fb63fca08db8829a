import type { FastifyRequest } from 'fastify';
import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { GraphContext } from '../resolvers/context.js';
import { checkOperation } from '../resolvers/limits/check-operation.js';
import type { FinishedOperation, FinishOperation } from './finish-operation.js';
import type { KnownDocuments } from './known-documents.js';

export interface DirectAnswer extends FinishedOperation {
  contentType: string;
}

/**
 * Answers an operation without the server's general machinery, when everything about it is plain: a POST of JSON with a
 * document that was found good before, and variables that fit it.
 *
 * @param createContext - called when it comes to running the operation
 * @returns nothing when the request is not plain, or is to be refused: the server decides then, and no resolver has run
 */
export type AnswerDirectly = (
  request: FastifyRequest,
  createContext: () => GraphContext,
) => Promise<DirectAnswer | undefined>;

const json = 'application/json; charset=utf-8';
const draftType = 'application/graphql-response+json; charset=utf-8';
/** What clients of the field say that they accept; whatever else is said is negotiated by the server. */
const answerTypes = new Map<string | undefined, string>([
  [undefined, json],
  ['*/*', json],
  ['application/json', json],
  ['application/json, text/plain, */*', json],
  ['application/json, application/graphql-response+json', json],
  ['application/graphql-response+json', draftType],
  ['application/graphql-response+json, application/json', draftType],
  ['application/graphql-response+json,application/json;q=0.9', draftType],
]);
const plainJson = /^application\/json(; ?charset=utf-8)?$/i;

export function createAnswerDirectly({
  schema,
  introspection,
  documents,
  finish,
}: {
  schema: GraphQLSchema;
  introspection: 'staff' | 'off';
  documents: KnownDocuments;
  finish: FinishOperation;
}): AnswerDirectly {
  return async (request, createContext) => {
    const startedAt = performance.now();
    const contentType = answerTypes.get(request.headers.accept);
    const asked = contentType && readPlainBody(request);
    const known = asked && documents.find(asked.query, asked.operationName);
    if (!contentType || !known) return undefined;
    const { document, operation } = known;
    const context = createContext();
    const { viewer } = context;
    const { variables, operationName } = asked;
    const cost = unlessRefused(() => checkOperation({ schema, document, operation, variables, viewer, introspection }));
    if (cost === undefined) return undefined;
    const result: ExecutionResult = await execute({
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
    });
    // Without data nothing has run: the variables do not fit.
    if (!('data' in result)) return undefined;
    return { ...finish({ result, errors: result.errors, context, operation, cost, startedAt }), contentType };
  };
}

interface PlainBody {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

function readPlainBody({ method, headers, body }: FastifyRequest): PlainBody | undefined {
  if (method !== 'POST' || !plainJson.test(headers['content-type'] ?? '') || !isRecord(body)) return undefined;
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== 'string' || (extensions !== undefined && extensions !== null)) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined;
  if (variables !== undefined && variables !== null && !isRecord(variables)) return undefined;
  return { query, operationName: operationName ?? undefined, variables: variables ?? {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unlessRefused<T>(check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}
