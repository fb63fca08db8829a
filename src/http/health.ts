import type { FastifyInstance, FastifyReply } from 'fastify';

/** One thing that Portico needs; resolves when it is well, rejects with the reason when not. */
export type HealthCheck = () => Promise<unknown>;

export interface Health {
  /** Whether everything was built; false before. */
  isStarted(): boolean;
  /** False from the first moment of shutting down, so that a load balancer goes elsewhere before connections end. */
  isAccepting(): boolean;
  /** Without these no request can be answered. */
  needed: Record<string, HealthCheck>;
  /** Without these some answers are partial; looked at by `/health/full` only. */
  wanted: Record<string, HealthCheck>;
}

const checkTimeoutMs = 5000;
/** Anybody may ask, and what is wanted is somebody else's: its answer stands for all who ask within this time. */
const sharedMs = 1000;

/**
 * Registers the health endpoints: `/health/startup`, `/health/liveness` (`live`), `/health/readiness` (`ready`) and
 * `/health/full`. They answer 200 or 503, and say of each check only whether it holds: the reasons are in the log.
 */
export function registerHealth(app: FastifyInstance, health: Health): void {
  const wanted = Object.fromEntries(Object.entries(health.wanted).map(([name, check]) => [name, share(check)]));
  app.get('/health/startup', async (_request, reply) => answer(reply, { started: health.isStarted() }));
  for (const path of ['/health/liveness', '/health/live'])
    app.get(path, async (_request, reply) => answer(reply, { alive: true }));
  for (const path of ['/health/readiness', '/health/ready'])
    app.get(path, async (_request, reply) =>
      answer(reply, {
        started: health.isStarted(),
        accepting: health.isAccepting(),
        ...(await runChecks(app, health.needed)),
      }),
    );
  app.get('/health/full', async (_request, reply) =>
    answer(reply, {
      started: health.isStarted(),
      accepting: health.isAccepting(),
      ...(await runChecks(app, { ...health.needed, ...wanted })),
    }),
  );
}

function share(check: HealthCheck): HealthCheck {
  let last: { answer: Promise<unknown>; askedAt: number } | undefined;
  return () => {
    if (!last || performance.now() - last.askedAt > sharedMs) last = { answer: check(), askedAt: performance.now() };
    return last.answer;
  };
}

async function runChecks(app: FastifyInstance, checks: Record<string, HealthCheck>): Promise<Record<string, boolean>> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, boolean]> => {
      try {
        await withTimeout(check());
        return [name, true];
      } catch (error) {
        app.log.warn({ err: error, check: name }, 'health check failed');
        return [name, false];
      }
    }),
  );
  return Object.fromEntries(entries);
}

async function withTimeout(work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${checkTimeoutMs} ms`)), checkTimeoutMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function answer(reply: FastifyReply, checks: Record<string, boolean>): FastifyReply {
  const isWell = Object.values(checks).every(Boolean);
  return reply
    .code(isWell ? 200 : 503)
    .header('cache-control', 'no-store')
    .send({ status: isWell ? 'ok' : 'unavailable', checks });
}
