import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { execute } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DatabaseUnavailableError, UnauthenticatedError } from '../errors.js';
import type { GraphContext } from '../resolvers/context.js';
import { presentError, reportErrors } from '../resolvers/errors.js';
import { finishResult } from '../resolvers/finish-result.js';
import type { Caller } from '../resolvers/subscription/subscriber.js';
import { LatestOutlet } from './latest-outlet.js';
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

/** An operation that came by a socket, until it runs. */
interface Arrival {
  socket: WebSocket;
  id: string;
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
  const { groups, connections, readDocument } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: socketLimits.messageBytes });
  const stopAccepting = acceptUpgrades({ server, sockets, admitRequest: options.admitRequest, logger });
  const connectionOf = new WeakMap<WebSocket, Connection>();
  const arrivals = new WeakMap<GraphContext, Arrival>();

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
        return prepareOperation(payload, {
          schema,
          introspection,
          readDocument,
          openOperations: Object.keys(subscriptions).length,
          createContext: async () => {
            const caller = connectionOf.get(socket)?.caller;
            const viewer = await caller?.viewer(0);
            if (!caller || !viewer) throw new UnauthenticatedError();
            const context = createContext({ viewer, requestId: randomUUID(), address: caller.address });
            arrivals.set(context, { socket, id });
            return context;
          },
        });
      },
      execute,
      async subscribe(args) {
        const context = args.contextValue as GraphContext;
        const arrival = arrivals.get(context);
        const connection = arrival && connectionOf.get(arrival.socket);
        if (!connection) throw new UnauthenticatedError();
        const { subscriber, endOfStream } = createSocketSubscription({ ...arrival, ...connection });
        const membership = await groups.join(args, context, subscriber);
        return 'leave' in membership ? endOfStream(membership.leave) : membership;
      },
      onNext({ extra: { socket } }, _id, _payload, args, result) {
        // A peer that does not read would not read a close frame either.
        if (socket.bufferedAmount > socketLimits.bufferedBytes) socket.terminate();
        const context = args.contextValue as GraphContext;
        return finishResult(result, result.errors, { context, cost: undefined, logger });
      },
      onError(_context, _id, _payload, errors) {
        reportErrors(errors, logger);
        return errors.map((error) => presentError(error));
      },
      isProd: true,
    },
    sockets,
    socketLimits.heartbeatMs,
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
