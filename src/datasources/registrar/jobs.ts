import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { UpstreamUnavailableError } from '../../errors.js';
import { untilAborted } from '../upstream/abort.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { createParser } from '../upstream/parser.js';
import type { RegistrarClient } from './registrar-client.js';

/** Waits between looks at a job: short at first, for most take a second. */
const firstPauseMs = 200;
const longestPauseMs = 5_000;
const growth = 1.6;

const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
const parseBegun = createParser('registrar', Type.Object({ job_id: Type.String({ pattern: uuid }) }));
const parseJob = createParser(
  'registrar',
  Type.Object({
    state: Type.String(),
    result: Type.Union([Type.String(), Type.Null()]),
    text: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  }),
);
type Job = ReturnType<typeof parseJob>;

/** The job that a request has begun: its id alone counts, for its address may be one that only others can reach. */
export function readBegunJob(body: unknown): string {
  return parseBegun(body).job_id;
}

const unfinished = new Set(['Pending', 'In Progress', 'Retrying']);

/**
 * Looks at a job, less and less often, until it is over.
 *
 * @returns where its result is
 * @throws UpstreamUnavailableError when it fails, which a Registrar gives no reason for; when it takes longer than `jobMs` of the client,
 * as one does that no worker ever takes; when it cannot be looked at
 */
export async function followJob(client: RegistrarClient, jobId: string, options: CallOptions): Promise<URL> {
  const endsAt = performance.now() + client.jobMs;
  let pauseMs = firstPauseMs;
  for (;;) {
    const job = await readJob(client, jobId, options);
    if (!unfinished.has(job.state)) return resultOf(job, jobId);
    if (performance.now() + pauseMs > endsAt) throw endless(jobId, job.state, client.jobMs);
    await untilAborted(pause(pauseMs), options.signal);
    pauseMs = Math.min(longestPauseMs, pauseMs * growth);
  }
}

function readJob(client: RegistrarClient, jobId: string, options: CallOptions): Promise<Job> {
  return client.request(
    {
      operation: 'job.read',
      family: 'jobs',
      method: 'GET',
      path: `/api/v1/jobs/${jobId}`,
      credentials: 'worker',
      isIdempotent: true,
      read: (answer: UpstreamAnswer) => {
        // The worker's own job: to be refused it, or not to find it, is no answer about a program.
        if (answer.status === 403 || answer.status === 404)
          throw unavailable('registrar', 'bad-answer', {
            status: answer.status,
            cause: new Error(`the job ${jobId} is not there any more`),
          });
        if (answer.status >= 400) throw rejected('registrar', 'job.read', answer);
        return parseJob(answer.body);
      },
    },
    options,
  );
}

function resultOf({ state, result }: Job, jobId: string): URL {
  if (state !== 'Succeeded')
    throw new UpstreamUnavailableError(
      `Registrar's job ${jobId} ended as ${state}. It does not say why: its log does. Try again later.`,
      { upstream: 'registrar', why: 'server-error' },
    );
  if (result === null || !URL.canParse(result))
    throw unavailable('registrar', 'bad-answer', { cause: new Error(`the job ${jobId} has no result`) });
  return new URL(result);
}

function endless(jobId: string, state: string, jobMs: number): UpstreamUnavailableError {
  return new UpstreamUnavailableError(
    `Registrar's job ${jobId} is ${state} after ${Math.round(jobMs / 1000)} seconds. Do its workers run, and its message broker? Try again later.`,
    { upstream: 'registrar', why: 'timeout' },
  );
}
