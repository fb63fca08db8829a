import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DatabaseUnavailableError, UnauthenticatedError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { CreateGraphContext, GraphContext } from '../resolvers/context.js';
import { presentError, reportErrors } from '../resolvers/errors.js';
import { finishResult } from '../resolvers/finish-result.js';
import { createDocuments } from '../resolvers/limits/documents.js';
import { subscribePerEvent } from '../resolvers/subscription/subscribe-per-event.js';
import type { Authenticate } from './authenticate.js';
import { isFromOwnPage, readAuthorization, recognizeCaller, type SocketCaller } from './socket-caller.js';
import { ConnectionCounter, closeAtExpiry, socketLimits } from './socket-limits.js';
import { prepareOperation } from './socket-operation.js';
import { acceptUpgrades } from './socket-upgrade.js';
import type { AdmitRequest } from './trusted-request.js';

/** Close code of the WebSocket registry (RFC 6455 11.7) for a server that cannot serve at the moment; clients come again. */
const tryAgainLater = 1013;

export interface SubscriptionOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  createContext: CreateGraphContext;
  admitRequest: AdmitRequest;
  introspection: 'staff' | 'off';
  /** Web origins whose pages may connect by cookie: our own among them. */
  allowedOrigins: readonly string[];
  logger: Logger;
}

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) at `/graphql`. Callers are recognised by `authorization` in their
 * connection parameters, or by the cookie if the page is one of ours. Closes strangers with 4401, tokens and sessions that
 * have ended with 4403, too many connections of one caller with 4429, anybody while the database is away with 1013.
 *
 * @returns how to end it: clients are told to go (1001), and those that do not are cut
 */
export function attachSubscriptions(server: Server, options: SubscriptionOptions): AsyncDisposable {
  const { schema, authenticate, createContext, allowedOrigins, introspection, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: socketLimits.messageBytes });
  const stopAccepting = acceptUpgrades({ server, sockets, admitRequest: options.admitRequest, logger });
  const connections = new ConnectionCounter();
  const callers = new WeakMap<WebSocket, SocketCaller>();
  const renewals = new WeakMap<GraphContext, () => Promise<GraphContext>>();
  const contextOf = new WeakMap<object, GraphContext>();
  const readDocument = createDocuments(schema);

  /** @throws {@link UnauthenticatedError} after closing the socket of a caller whose session or token has ended */
  const contextFor = async (socket: WebSocket, requestId: string, maxAgeMs: number): Promise<GraphContext> => {
    const caller = callers.get(socket);
    try {
      const viewer = await caller?.viewer(maxAgeMs);
      if (!caller || !viewer || viewer.via === 'nobody') throw new UnauthenticatedError();
      return createContext({ viewer, requestId, address: caller.address });
    } catch (error) {
      if (error instanceof UnauthenticatedError) socket.close(CloseCode.Forbidden, 'Forbidden');
      throw error;
    }
  };
  const run = async (args: ExecutionArgs, context: GraphContext): Promise<ExecutionResult> => {
    const result = await execute({ ...args, contextValue: context });
    contextOf.set(result, context);
    return result;
  };

  const graphql = useServer<Record<string, unknown> | undefined>(
    {
      async onConnect({ connectionParams, extra: { request, socket } }) {
        const authorization = readAuthorization(connectionParams);
        if (!authorization && !isFromOwnPage(request, allowedOrigins)) return refuse(socket, CloseCode.Forbidden);
        try {
          const caller = await recognizeCaller(request, authorization, authenticate);
          const viewer = await caller.viewer(Number.POSITIVE_INFINITY);
          if (viewer.via === 'nobody') return refuse(socket, CloseCode.Unauthorized);
          if (socket.readyState !== socket.OPEN) return false; // it has left, and will not say so again
          const callerId = viewer.account?.id ?? viewer.clientId ?? '';
          if (!connections.add(callerId)) return refuse(socket, CloseCode.TooManyInitialisationRequests);
          socket.once('close', () => connections.remove(callerId));
          callers.set(socket, caller);
          closeAtExpiry(socket, viewer.expiresAt);
          return true;
        } catch (error) {
          if (error instanceof DatabaseUnavailableError) return refuse(socket, tryAgainLater);
          if (!(error instanceof UnauthenticatedError)) logger.error({ err: error }, 'could not recognize a caller');
          return refuse(socket, CloseCode.Forbidden);
        }
      },
      async onSubscribe({ subscriptions, extra: { socket } }, _id, payload) {
        const requestId = randomUUID();
        return prepareOperation(payload, {
          schema,
          introspection,
          readDocument,
          openOperations: Object.keys(subscriptions).length,
          createContext: async () => {
            const context = await contextFor(socket, requestId, 0);
            renewals.set(context, () => contextFor(socket, requestId, socketLimits.viewerMaxAgeMs));
            return context;
          },
        });
      },
      execute: (args) => run(args, args.contextValue as GraphContext),
      async subscribe(args) {
        const context = args.contextValue as GraphContext;
        const renew = renewals.get(context) ?? (async () => context);
        const stream = await subscribePerEvent(args, async (event) =>
          run({ ...args, rootValue: event }, await renew()),
        );
        if (!(Symbol.asyncIterator in stream)) contextOf.set(stream, context);
        return stream;
      },
      onNext({ extra: { socket } }, _id, _payload, args, result) {
        // A peer that does not read would not read a close frame either.
        if (socket.bufferedAmount > socketLimits.bufferedBytes) socket.terminate();
        const context = contextOf.get(result) ?? (args.contextValue as GraphContext);
        return finishResult(result, result.errors, { context, cost: undefined, logger });
      },
      onError(_context, _id, _payload, errors) {
        reportErrors(errors, logger);
        return errors.map((error) => presentError(error));
      },
      isProd: true,
    },
    sockets,
  );

  return {
    async [Symbol.asyncDispose]() {
      stopAccepting();
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, socketLimits.closeMs);
      await graphql.dispose();
      clearTimeout(cut);
    },
  };
}

function refuse(socket: WebSocket, code: CloseCode | typeof tryAgainLater): false {
  socket.close(code, code === tryAgainLater ? 'Try again later' : CloseCode[code]);
  return false;
}
