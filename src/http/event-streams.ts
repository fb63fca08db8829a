import type { FastifyReply, FastifyRequest } from 'fastify';
import { execute, type FormattedExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { DatabaseUnavailableError, RateLimitedError, UnauthenticatedError } from '../errors.js';
import { presentError, reportErrors } from '../resolvers/errors.js';
import { finishResult } from '../resolvers/finish-result.js';
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
  const { schema, authenticate, createContext, introspection, readDocument, groups, connections, logger } = options;
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
      const context = createContext({ viewer, requestId: request.id, address: caller.address });
      const checks = { schema, introspection, readDocument, openOperations: 1, createContext: async () => context };
      const args = await prepareOperation(asked, checks);
      if (Array.isArray(args)) return answerOnce(reply, refusalOf(args));
      const finish = { context, cost: undefined, logger };
      const operation = getOperationAST(args.document, args.operationName)?.operation;
      if (operation === 'mutation' && request.method === 'GET')
        throw new RefusedStreamError(405, 'METHOD_NOT_ALLOWED', 'A mutation needs a POST.');
      if (operation !== 'subscription') {
        const result = await execute(args);
        return answerOnce(reply, finishResult(result, result.errors, finish));
      }
      const stream = begin(reply);
      const membership = await groups.join(args, context, {
        caller,
        next: (answer) => stream.tell(answer),
        complete: () => stream.complete(),
        fail: (error) => fail(stream, error),
      });
      if (!('leave' in membership)) {
        stream.result(finishResult(membership, membership.errors, finish));
        stream.complete();
      } else if (reply.raw.closed) membership.leave();
      else reply.raw.once('close', membership.leave);
    },
    [Symbol.dispose]() {
      isStopped = true;
      clearInterval(heartbeat);
      for (const stream of open) stream.cut();
    },
  };
}
