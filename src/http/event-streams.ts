import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, execute, type FormattedExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { DatabaseUnavailableError, RateLimitedError, UnauthenticatedError } from '../errors.js';
import { presentError, reportErrors } from '../resolvers/errors.js';
import { EventStream } from './event-stream.js';
import { RefusedStreamError, readStreamRequest } from './event-stream-request.js';
import type { LiveOptions } from './live-options.js';
import { recognizeCaller } from './socket-caller.js';
import { endAtExpiry, socketLimits } from './socket-limits.js';
import { prepareOperation } from './socket-operation.js';

/** GraphQL over server-sent events, for networks that let no WebSocket through: each operation is a request of its own. */
export interface EventStreams extends Disposable {
  /**
   * Answers a request by a stream of results: the "distinct connections mode" of the GraphQL over Server-Sent Events Protocol.
   *
   * @throws AppError before the stream begins
   */
  answer(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

/** @returns how to answer; disposing it ends all streams, so that their clients come again */
export function createEventStreams(options: LiveOptions): EventStreams {
  const { schema, authenticate, createContext, introspection, readDocument, groups, connections, finish, logger } =
    options;
  const open = new Set<EventStream>();
  let isStopped = false;
  const heartbeat = setInterval(() => {
    for (const stream of open) stream.beat();
  }, socketLimits.heartbeatMs);
  heartbeat.unref();

  const begin = (reply: FastifyReply): EventStream => {
    const stream = new EventStream(reply);
    open.add(stream);
    reply.raw.once('close', () => open.delete(stream));
    return stream;
  };
  const answerOnce = (reply: FastifyReply, result: FormattedExecutionResult) => {
    const stream = begin(reply);
    stream.result(result);
    stream.complete();
  };
  const refusalOf = (errors: readonly GraphQLError[]): FormattedExecutionResult => {
    reportErrors(errors, logger);
    return { errors: errors.map((error) => presentError(error)) };
  };
  const fail = (stream: EventStream, error: unknown) => {
    // Who comes again is told why, or is served.
    if (error instanceof UnauthenticatedError || error instanceof DatabaseUnavailableError) return stream.cut();
    stream.result(refusalOf([new GraphQLError('', { originalError: error instanceof Error ? error : null })]));
    stream.complete();
  };
  const recognize = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await recognizeCaller(request.raw, undefined, authenticate);
    const viewer = await caller.viewer(Number.POSITIVE_INFINITY);
    if (viewer.via === 'nobody') throw new UnauthenticatedError();
    const callerId = viewer.account?.id ?? viewer.clientId ?? '';
    if (!connections.add(callerId))
      throw new RateLimitedError(
        `There are ${socketLimits.connectionsPerCaller} open connections already, which is all that one may have.`,
        socketLimits.heartbeatMs / 1000,
      );
    const forgetExpiry = endAtExpiry(viewer.expiresAt, () => reply.raw.destroy());
    reply.raw.once('close', () => {
      connections.remove(callerId);
      forgetExpiry();
    });
    return { caller, viewer };
  };

  return {
    async answer(request, reply) {
      if (isStopped) throw new RefusedStreamError(503, 'UNAVAILABLE', 'Portico is stopping; try again in a moment.');
      const asked = readStreamRequest(request, options.allowedOrigins);
      const { caller, viewer } = await recognize(request, reply);
      const startedAt = performance.now();
      const context = createContext({ viewer, requestId: request.id, address: caller.address });
      const document = readDocument(asked.query);
      const operation = Array.isArray(document)
        ? undefined
        : (getOperationAST(document, asked.operationName) ?? undefined);
      let cost: number | undefined;
      const finishWith = (result: ExecutionResult) =>
        finish({ result, errors: result.errors, context, operation, cost, startedAt });
      const answerWith = (result: ExecutionResult) => {
        const { answer, outage } = finishWith(result);
        if (outage) throw outage;
        answerOnce(reply, answer);
      };
      const args = await prepareOperation(asked, {
        schema,
        introspection,
        readDocument: () => document,
        openOperations: 1,
        createContext: async () => context,
        onCost: (known) => {
          cost = known;
        },
      });
      if (Array.isArray(args)) return answerWith({ errors: args });
      if (operation?.operation === 'mutation' && request.method === 'GET')
        throw new RefusedStreamError(405, 'METHOD_NOT_ALLOWED', 'A mutation needs a POST.');
      if (operation?.operation !== 'subscription') return answerWith(await execute(args));
      const stream = begin(reply);
      const membership = await groups.join(args, context, {
        caller,
        next: (answer) => stream.tell(answer),
        complete: () => stream.complete(),
        fail: (error) => fail(stream, error),
      });
      if (!('leave' in membership)) {
        stream.result(finishWith(membership).answer);
        return stream.complete();
      }
      finishWith({});
      if (reply.raw.closed) membership.leave();
      else reply.raw.once('close', membership.leave);
    },
    [Symbol.dispose]() {
      isStopped = true;
      clearInterval(heartbeat);
      for (const stream of open) stream.cut();
    },
  };
}
