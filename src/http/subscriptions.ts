import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import {
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DatabaseUnavailableError, UnauthenticatedError } from '../errors.js';
import type { GraphContext } from '../resolvers/context.js';
import { presentError, reportErrors } from '../resolvers/errors.js';
import type { Caller } from '../resolvers/subscription/subscriber.js';
import type { OperationOutcome } from './finish-operation.js';
import { LatestOutlet } from './latest-outlet.js';
import { LeavingSocket, tellErrorsOf } from './leaving-socket.js';
import type { LiveOptions } from './live-options.js';
import { isFromOwnPage, readAuthorization, recognizeCaller } from './socket-caller.js';
import { endAtExpiry, socketLimits } from './socket-limits.js';
import { prepareOperation } from './socket-operation.js';
import { createSocketSubscription } from './socket-subscription.js';
import { acceptUpgrades } from './socket-upgrade.js';
import type { AdmitRequest } from './trusted-request.js';

/** Close code of the WebSocket registry (RFC 6455 11.7) for a server that cannot serve at the moment; clients come again. */
const tryAgainLater = 1013;

export interface SocketOptions extends LiveOptions {
  admitRequest: AdmitRequest;
}

/** Who is at a socket, and how results get there. */
interface Connection {
  caller: Caller;
  outlet: LatestOutlet;
}

/** What an operation came to, as graphql-ws has it. */
type SocketResult = { [Part in 'data' | 'extensions']?: OperationOutcome['result'][Part] | undefined } & {
  errors?: OperationOutcome['errors'];
};

/** An operation that came by a socket, until it is answered or followed. */
interface Arrival {
  socket: WebSocket;
  id: string;
  operation: OperationDefinitionNode | undefined;
  cost: number | undefined;
  startedAt: number;
}

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) at `/graphql`. Callers are recognised by `authorization` in their
 * connection parameters, or by the cookie if the page is one of ours. Closes strangers with 4401, tokens and sessions that
 * have ended with 4403, too many connections of one caller with 4429, anybody while the database is away, and whoever is too slow for
 * what they follow, with 1013.
 *
 * @returns how to end it: clients are told to go (1001), and those that do not are cut
 */
export function attachSubscriptions(server: Server, options: SocketOptions): AsyncDisposable {
  const { schema, authenticate, createContext, allowedOrigins, introspection, logger } = options;
  const { groups, connections, readDocument, finish } = options;
  const maxPayload = socketLimits.messageBytes;
  const sockets = new WebSocketServer({ noServer: true, maxPayload, WebSocket: LeavingSocket });
  const stopAccepting = acceptUpgrades({ server, sockets, admitRequest: options.admitRequest, logger });
  const connectionOf = new WeakMap<WebSocket, Connection>();
  const arrivals = new WeakMap<GraphContext, Arrival>();
  const refusals = new WeakMap<readonly GraphQLError[], readonly GraphQLFormattedError[]>();

  const finishWith = (context: GraphContext, result: SocketResult) => {
    const { operation, cost, startedAt } = arrivals.get(context) ?? { startedAt: performance.now() };
    return finish({ result, errors: result.errors, context, operation, cost, startedAt }).answer;
  };
  const contextOf = async (socket: WebSocket): Promise<GraphContext> => {
    const caller = connectionOf.get(socket)?.caller;
    const viewer = await caller?.viewer(0);
    if (!caller || !viewer) throw new UnauthenticatedError();
    return createContext({ viewer, requestId: randomUUID(), address: caller.address });
  };

  /** @throws {@link UnauthenticatedError} after closing the socket of a caller whose session or token has ended */
  const closingWhenUnknown = (caller: Caller, socket: WebSocket): Caller => ({
    ...caller,
    async viewer(maxAgeMs) {
      try {
        const viewer = await caller.viewer(maxAgeMs);
        if (viewer.via === 'nobody') throw new UnauthenticatedError();
        return viewer;
      } catch (error) {
        if (error instanceof UnauthenticatedError) socket.close(CloseCode.Forbidden, 'Forbidden');
        throw error;
      }
    },
  });

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
          const outlet = new LatestOutlet(request.socket, () => letGo(socket));
          const forgetExpiry = endAtExpiry(viewer.expiresAt, () =>
            socket.close(CloseCode.Forbidden, 'The access token has ended'),
          );
          socket.once('close', () => {
            connections.remove(callerId);
            outlet[Symbol.dispose]();
            forgetExpiry();
          });
          connectionOf.set(socket, { caller: closingWhenUnknown(caller, socket), outlet });
          return true;
        } catch (error) {
          if (error instanceof DatabaseUnavailableError) return refuse(socket, tryAgainLater);
          if (!(error instanceof UnauthenticatedError)) logger.error({ err: error }, 'could not recognize a caller');
          return refuse(socket, CloseCode.Forbidden);
        }
      },
      async onSubscribe({ subscriptions, extra: { socket } }, id, payload) {
        const startedAt = performance.now();
        const context = contextOf(socket);
        const document = readDocument(String(payload.query));
        const operation = Array.isArray(document) ? null : getOperationAST(document, payload.operationName);
        let cost: number | undefined;
        const args = await prepareOperation(payload, {
          schema,
          introspection,
          readDocument: () => document,
          openOperations: Object.keys(subscriptions).length,
          createContext: () => context,
          onCost: (known) => {
            cost = known;
          },
        });
        const known = await context.catch(() => undefined);
        if (known) arrivals.set(known, { socket, id, operation: operation ?? undefined, cost, startedAt });
        if (known && Array.isArray(args)) refusals.set(args, finishWith(known, { errors: args }).errors ?? []);
        return args;
      },
      execute,
      async subscribe(args) {
        const context = args.contextValue as GraphContext;
        const arrival = arrivals.get(context);
        const connection = arrival && connectionOf.get(arrival.socket);
        if (!connection) throw new UnauthenticatedError();
        const { subscriber, endOfStream } = createSocketSubscription({ ...arrival, ...connection });
        const membership = await groups.join(args, context, subscriber);
        if (!('leave' in membership)) return membership;
        finishWith(context, {});
        return endOfStream(membership.leave);
      },
      onNext({ extra: { socket } }, _id, _payload, args, result) {
        // A peer that does not read would not read a close frame either.
        if (socket.bufferedAmount > socketLimits.bufferedBytes) socket.terminate();
        return finishWith(args.contextValue as GraphContext, result);
      },
      onError(_context, _id, _payload, errors) {
        const refusal = refusals.get(errors);
        if (refusal) return refusal;
        reportErrors(errors, logger);
        return errors.map((error) => presentError(error));
      },
      isProd: true,
    },
    sockets,
    socketLimits.heartbeatMs,
  );
  tellErrorsOf(sockets, logger);

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

/** Too much waits for it: when it comes again, it reads the state. It may not even read that it has to go. */
function letGo(socket: WebSocket): void {
  socket.close(tryAgainLater, 'Too slow for what it follows');
  const cut = setTimeout(() => socket.terminate(), socketLimits.closeMs);
  socket.once('close', () => clearTimeout(cut));
}

function refuse(socket: WebSocket, code: CloseCode | typeof tryAgainLater): false {
  socket.close(code, code === tryAgainLater ? 'Try again later' : CloseCode[code]);
  return false;
}
