import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError } from '../errors.js';

/** One thing that Portico needs; resolves when it is well, rejects with the reason when not. */
export type HealthCheck = () => Promise<unknown>;

/** What a check found, in words that anybody may read. */
export class UnwellError extends Error {
  override readonly name = 'UnwellError';
}

export interface Health {
  /** Whether everything was built; false before. */
  isStarted(): boolean;
  /** False from the first moment of shutting down, so that a load balancer goes elsewhere before connections end. */
  isAccepting(): boolean;
  /** Without these no request can be answered. */
  needed: Record<string, HealthCheck>;
  /** Without these some answers are partial; looked at by `/health/full` only. */
  wanted: Record<string, HealthCheck>;
  /** What `/health/full` tells beside, e.g. for how long something is still good. */
  facts(): Record<string, unknown>;
}

const checkTimeoutMs = 5000;
/** Anybody may ask, and what is wanted is somebody else's: its answer stands for all who ask within this time. */
const sharedMs = 1000;

/**
 * Registers the health endpoints: `/health/startup`, `/health/liveness` (`live`), `/health/readiness` (`ready`) and
 * `/health/full`, and `/health` in Registrar's words. They answer 200 or 503, and say of each check whether it holds; `reasons` are
 * sentences of our own, without addresses, and what is behind them is in the log.
 */
export function registerHealth(app: FastifyInstance, health: Health): void {
  const wanted = Object.fromEntries(Object.entries(health.wanted).map(([name, check]) => [name, share(check)]));
  const ownState = () => ({ started: health.isStarted(), accepting: health.isAccepting() });
  app.get('/health/startup', async (_request, reply) => answer(reply, { checks: { started: health.isStarted() } }));
  for (const path of ['/health/liveness', '/health/live'])
    app.get(path, async (_request, reply) => answer(reply, { checks: { alive: true } }));
  for (const path of ['/health/readiness', '/health/ready'])
    app.get(path, async (_request, reply) => answer(reply, await runChecks(app, ownState(), health.needed)));
  app.get('/health', async (_request, reply) => {
    const { checks } = await runChecks(app, ownState(), health.needed);
    const words = inWordsOfRegistrar(checks);
    const isWell = words.overall_status === 'OK';
    return reply
      .code(isWell ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(words);
  });
  app.get('/health/full', async (_request, reply) => {
    const findings = await runChecks(app, ownState(), { ...health.needed, ...wanted });
    return answer(reply, findings, health.facts());
  });
}

function share(check: HealthCheck): HealthCheck {
  let last: { answer: Promise<unknown>; askedAt: number } | undefined;
  return () => {
    if (!last || performance.now() - last.askedAt > sharedMs) last = { answer: check(), askedAt: performance.now() };
    return last.answer;
  };
}

interface Findings {
  checks: Record<string, boolean>;
  /** Of what does not hold. */
  reasons?: Record<string, string>;
}

async function runChecks(
  app: FastifyInstance,
  ownState: Record<string, boolean>,
  checks: Record<string, HealthCheck>,
): Promise<Findings> {
  const reasons: Record<string, string> = {};
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, boolean]> => {
      try {
        await withTimeout(check());
        return [name, true];
      } catch (error) {
        app.log.warn({ err: error, check: name }, 'health check failed');
        reasons[name] = reasonOf(error);
        return [name, false];
      }
    }),
  );
  return { checks: { ...ownState, ...Object.fromEntries(entries) }, reasons };
}

function reasonOf(error: unknown): string {
  const isOurs = error instanceof UnwellError || error instanceof AppError;
  return isOurs ? error.message : 'It failed; the log says why.';
}

async function withTimeout(work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new UnwellError(`There was no answer in ${checkTimeoutMs / 1000} s.`)),
    checkTimeoutMs,
  );
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Readiness as services of Open edX tell it, for whoever watched a Registrar. */
function inWordsOfRegistrar(checks: Record<string, boolean>) {
  const wordOf = (isWell: boolean | undefined) => (isWell ? 'OK' : 'UNAVAILABLE');
  return {
    overall_status: wordOf(Object.values(checks).every(Boolean)),
    detailed_status: { database_status: wordOf(checks.database) },
  };
}

function answer(reply: FastifyReply, { checks, reasons }: Findings, facts: Record<string, unknown> = {}): FastifyReply {
  const isWell = Object.values(checks).every(Boolean);
  return reply
    .code(isWell ? 200 : 503)
    .header('cache-control', 'no-store')
    .send({
      status: isWell ? 'ok' : 'unavailable',
      checks,
      ...(reasons && Object.keys(reasons).length > 0 && { reasons }),
      ...facts,
    });
}
