import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { RedisClient } from '../redis/redis.js';
import { type AnswerStore, decodeAnswer, encodeAnswer, type StoredAnswer } from './answer-store.js';

const prefix = 'portico:answer:';

/** After a change no answer that was asked for before it is taken in, however late its reader is. */
const changeMs = 5 * 60_000;

/**
 * What is stored begins with the time of its asking, in ms; of a change nothing but its time is stored. Whatever is older than
 * what is there stays out.
 */
const putStatement = `
  local present = redis.call('GET', KEYS[1])
  if present and tonumber(string.match(present, '^%d+')) >= tonumber(ARGV[1]) then return 0 end
  redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
  return 1`;

/**
 * Answers that all processes share while they are fresh. Without Redis there are none, and nothing else changes; after an outage
 * only what was asked for since is believed, for nobody could tell Redis of changes.
 */
export function createRedisAnswers({
  redis,
  clock,
  logger,
}: {
  redis: RedisClient;
  clock: Clock;
  logger: Logger;
}): AnswerStore {
  let believedFrom = Number.NEGATIVE_INFINITY;
  redis.on('close', () => {
    believedFrom = Number.POSITIVE_INFINITY;
  });
  redis.on('ready', () => {
    if (believedFrom === Number.POSITIVE_INFINITY) believedFrom = clock().getTime();
  });
  const isThere = () => redis.status === 'ready';
  const put = (name: string, at: Date, rest: string, lifeMs: number) => {
    if (!isThere()) return;
    redis
      .eval(putStatement, 1, prefix + name, String(at.getTime()), rest, String(lifeMs))
      .catch((error: unknown) => logger.debug({ err: error }, 'Redis did not take an answer of the LMS'));
  };
  return {
    async find(wanted) {
      if (!isThere() || wanted.length === 0) return new Map();
      try {
        const texts = await redis.mget(wanted.map(({ name }) => prefix + name));
        return new Map(
          wanted.flatMap(({ name }, index): [string, StoredAnswer][] => {
            const answer = readAnswer(texts[index]);
            return answer && answer.asOf.getTime() > believedFrom ? [[name, answer]] : [];
          }),
        );
      } catch (error) {
        logger.debug({ err: error }, 'Redis did not say what the LMS answered');
        return new Map();
      }
    },
    keep: ({ name, asOf, value, ttlMs }) => {
      const leftMs = asOf.getTime() + ttlMs - clock().getTime();
      if (leftMs > 0) put(name, asOf, ` ${encodeAnswer(value)}`, leftMs);
    },
    outdate: ({ name }, at) => put(name, at, '', changeMs),
    forget: ({ name }, at) => put(name, at, '', changeMs),
  };
}

function readAnswer(text: string | null | undefined): StoredAnswer | undefined {
  const space = text?.indexOf(' ') ?? -1;
  if (text == null || space < 0) return undefined;
  return {
    value: decodeAnswer(text.slice(space + 1)),
    asOf: new Date(Number(text.slice(0, space))),
    isOutdated: false,
  };
}

/** Looks in the first store, and for what is not there in the second; whatever changes changes in both. */
export function layerAnswers(first: AnswerStore, second: AnswerStore): AnswerStore {
  return {
    async find(wanted) {
      const found = await first.find(wanted);
      const missing = wanted.filter(({ name }) => !found.has(name));
      return missing.length === 0 ? found : new Map([...(await second.find(missing)), ...found]);
    },
    keep(answer) {
      first.keep(answer);
      second.keep(answer);
    },
    outdate(key, at) {
      first.outdate(key, at);
      second.outdate(key, at);
    },
    forget(key, at) {
      first.forget(key, at);
      second.forget(key, at);
    },
  };
}
