import type { EventStreams, StoredEntry } from './event-streams.js';
import { NoGroup } from './event-streams.js';
import type { Reply } from './resp.js';

/** One command, its name first; `signal` ends when the client leaves. */
type Command = (streams: EventStreams, words: readonly string[], signal: AbortSignal) => Reply | Promise<Reply>;

const ok: Command = () => 'OK';

/** What a reader of the event bus asks of Redis, by its first words. */
const COMMANDS: Readonly<Record<string, Command>> = {
  HELLO: () =>
    new Map<string, Reply>([
      ['server', 'redis'],
      ['version', '7.0.0'],
      ['proto', 3],
      ['mode', 'standalone'],
      ['role', 'master'],
    ]),
  AUTH: ok,
  CLIENT: ok,
  SELECT: ok,
  PING: () => 'PONG',
  INFO: () => 'redis_version:7.0.0\r\nloading:0\r\n',
  'XGROUP CREATE': (streams, [, , name = '', group = '']) =>
    streams.createGroup(name, group) ? 'OK' : new Error('BUSYGROUP Consumer Group name already exists'),
  // Nobody stays away for so long here.
  'XGROUP DELCONSUMER': () => 0,
  async XREADGROUP(streams, words, signal) {
    const option = (name: string): number => Number(words[words.indexOf(name) + 1]);
    const [, , group = '', consumer = ''] = words;
    const names = words.slice(words.indexOf('STREAMS') + 1);
    const found = await streams.read(names.slice(0, names.length / 2), group, consumer, {
      count: option('COUNT'),
      blockMs: option('BLOCK'),
      signal,
    });
    return found.size === 0 ? null : new Map([...found].map(([name, entries]) => [name, entries.map(toReply)]));
  },
  XACK: (streams, [, name = '', group = '', ...ids]) => streams.acknowledge(name, group, ids),
  XAUTOCLAIM(streams, [, name = '', group = '', consumer = '', minIdleMs, , , count]) {
    const entries = streams.claim(name, group, consumer, Number(minIdleMs), Number(count));
    return ['0-0', entries.map(toReply), []];
  },
  XPENDING: (streams, [, name = '', group = '']) =>
    streams
      .pending(name, group)
      .map(({ entry, consumer, givenAtMs, times }) => [entry.id, consumer, Date.now() - givenAtMs, times]),
  'XINFO GROUPS': (streams, [, , name = '']) => streams.groups(name).map((group) => new Map(Object.entries(group))),
  'XINFO CONSUMERS': (streams, [, , name = '', group = '']) =>
    streams.consumers(name, group).map((consumer) => new Map(Object.entries(consumer))),
};

/** Does what a client asks; what it does wrong is answered as Redis does. */
export async function runCommand(streams: EventStreams, words: readonly string[], signal: AbortSignal): Promise<Reply> {
  const [first = '', second = ''] = words.map((word) => word.toUpperCase());
  const command = COMMANDS[`${first} ${second}`] ?? COMMANDS[first];
  if (command === undefined) return new Error(`ERR unknown command '${words[0]}'`);
  try {
    return await command(streams, words, signal);
  } catch (error) {
    if (error instanceof NoGroup) return new Error(`NOGROUP ${error.message}`);
    return new Error(`ERR ${error instanceof Error ? error.message : 'failed'}`);
  }
}

function toReply({ id, fields }: StoredEntry): Reply {
  return [id, fields.flat()];
}
