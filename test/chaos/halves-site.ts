import { Halves } from '../support/halves.js';
import type { ChaosSite, Victim } from './site.js';

const parts = ['sandbox', 'web', 'worker'] as const;

/** Each of the four alone and with others, among the first four. */
const killings: readonly (readonly Victim[])[] = [
  ['worker'],
  ['web'],
  ['worker', 'postgres'],
  ['web', 'worker', 'sandbox'],
  ['sandbox', 'postgres'],
];

/** `portico web` and `portico worker` as processes of their own, killed one without the other. */
export async function openHalves(home: string): Promise<ChaosSite> {
  const halves = await Halves.create({
    home,
    env: {
      // The LMS's limits per minute are not what is tried here.
      LMS_ENROLLMENT_CALLS_PER_MINUTE: '100000',
      // Of an LMS that hangs nobody here waits a minute to hear nothing.
      EDX_API_CLIENT_TIMEOUT: '5',
    },
  });
  return {
    databaseUrl: halves.databaseUrl,
    lmsUrl: halves.lmsUrl,
    workerClient: halves.workerClient,
    killings,
    async start() {
      for (const part of parts) await halves.start(part);
    },
    get isRunning() {
      return parts.every((part) => halves.isRunning(part));
    },
    kill: (victims) => halves.kill(victims.filter((victim) => victim !== 'product')),
    pullLever: (path, body) => halves.pullLever(path, body),
    [Symbol.asyncDispose]: () => halves[Symbol.asyncDispose](),
  };
}
