import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from '../logger.js';
import { changeChannel } from './change.js';

/** Who listens for changes is known to the database by this name. */
export const feedName = 'portico-changes';

/** Words between the feeds of all processes, on the channel of the changes. */
export type RollCallMessage = { topic: 'roll-call'; call: string } | { topic: 'heard'; call: string; feed: string };

/** Finds out when all processes have heard of what was committed. */
export interface RollCall {
  /** Resolves when they have; or after {@link patienceMs}, for a process that answers later has its own way to notice. */
  everyoneHeard(): Promise<void>;
  /** Takes what the other feeds say. Notifications come in the order of commits: whoever reads a call has read all before it. */
  hear(message: RollCallMessage): void;
}

const patienceMs = 500;

const call = `select pg_notify('${changeChannel}', $1), (select count(*)::int from pg_stat_activity
  where datname = current_database() and application_name = '${feedName}') as feeds`;

/** @param listening - the connection that this process listens on; undefined while there is none */
export function createRollCall(listening: () => pg.Client | undefined, logger: Logger): RollCall {
  const feed = randomUUID();
  const answers = new Map<string, { heard: Set<string>; onHeard: () => void }>();
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const callAll = async (client: pg.Client) => {
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    const answer = { heard: new Set<string>(), onHeard: () => {} };
    answers.set(id, answer);
    const message: RollCallMessage = { topic: 'roll-call', call: id };
    const timer = setTimeout(() => {
      logger.warn('a process has not answered yet whether it heard of a change');
      resolve();
    }, patienceMs);
    try {
      const { rows } = await client.query<{ feeds: number }>(call, [JSON.stringify(message)]);
      answer.onHeard = () => answer.heard.size >= (rows[0]?.feeds ?? 0) && resolve();
      answer.onHeard();
      await promise;
    } catch (error) {
      // The feed is being lost, and nothing is kept without it.
      logger.warn({ err: error }, 'could not ask whether all processes heard of a change');
    } finally {
      clearTimeout(timer);
      answers.delete(id);
    }
  };
  const begin = (): Promise<void> => {
    const client = listening();
    if (!client) return Promise.resolve();
    running = callAll(client).finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    everyoneHeard() {
      if (!running) return begin();
      // What was committed after the call under way is for the next, which serves all who wait now.
      next ??= running.then(() => {
        next = undefined;
        return begin();
      });
      return next;
    },
    hear(message) {
      if (message.topic === 'heard') {
        const answer = answers.get(message.call);
        answer?.heard.add(message.feed);
        answer?.onHeard();
        return;
      }
      const own = answers.get(message.call);
      if (own) {
        own.heard.add(feed);
        own.onHeard();
        return;
      }
      const reply: RollCallMessage = { topic: 'heard', call: message.call, feed };
      listening()
        ?.query('select pg_notify($1, $2)', [changeChannel, JSON.stringify(reply)])
        .catch((error) => logger.warn({ err: error }, 'could not answer that a change was heard'));
    },
  };
}
