import { type DocumentNode, type ExecutionArgs, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { AppError } from '../errors.js';
import type { GraphContext } from '../resolvers/context.js';
import { checkOperation } from '../resolvers/limits/check-operation.js';
import { socketLimits } from './socket-limits.js';

export interface OperationPreparation {
  schema: GraphQLSchema;
  introspection: 'staff' | 'off';
  readDocument: (text: string) => DocumentNode | GraphQLError[];
  /** How many operations the socket has open, this one included. */
  openOperations: number;
  createContext: () => Promise<GraphContext>;
  /** Told what the operation costs. */
  onCost?: (cost: number) => void;
}

/**
 * Gets one operation of a socket ready to run: the caller is asked for again, and the document passes the same checks as over
 * HTTP.
 *
 * @returns what to execute, or why not
 */
export async function prepareOperation(
  payload: SubscribePayload,
  preparation: OperationPreparation,
): Promise<ExecutionArgs | GraphQLError[]> {
  const { schema, introspection, readDocument, openOperations, createContext, onCost } = preparation;
  if (openOperations > socketLimits.operationsPerSocket)
    return [badRequest(`A socket carries at most ${socketLimits.operationsPerSocket} operations at a time.`)];
  const document = readDocument(String(payload.query));
  if (Array.isArray(document)) return document;
  const operation = getOperationAST(document, payload.operationName);
  if (!operation) return [badRequest('The document has no such operation, or several and no operationName.')];
  try {
    const contextValue = await createContext();
    const variables = { ...payload.variables };
    const { viewer } = contextValue;
    const cost = checkOperation({ schema, document, operation, variables, viewer, introspection });
    onCost?.(cost);
    return {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: variables,
      contextValue,
      hideSuggestions: true,
    };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    if (error instanceof AppError) return [new GraphQLError(error.message, { originalError: error })];
    throw error;
  }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
