import { Redis } from 'ioredis';
import type { Config } from '../../config/config.js';
import { type Finding, find, Trouble } from './finding.js';

const patienceMs = 3_000;

/** Whether the event bus answers, and the LMS has ever written what is read there; a new one may not have. */
export async function checkEventBus(url: string, { topics, topicPrefix }: Config['eventBus']): Promise<Finding> {
  const name = 'event bus';
  const streams = topics.map((topic) => (topicPrefix ? `${topicPrefix}-${topic}` : topic));
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
    retryStrategy: () => null,
  });
  // The failed command says it too.
  redis.on('error', () => {});
  try {
    const finding = await find(
      name,
      async () => {
        await redis.connect().catch(() => {
          throw new Trouble('Redis does not answer at OPENEDX_EVENT_BUS_REDIS_URL');
        });
        const lengths = await Promise.all(streams.map((stream) => redis.xlen(stream)));
        return lengths.every((length) => length === 0)
          ? ''
          : streams.map((it, at) => `${it} holds ${lengths[at]}`).join(', ');
      },
      'Is Redis up, does the URL have the right password, and may this machine reach it?',
    );
    if (finding.status !== 'ok' || finding.detail !== '') return finding;
    const detail = `it answers, and nothing was ever written to ${streams.join(', ')}: EVENT_BUS_PRODUCER, EVENT_BUS_PRODUCER_CONFIG and EVENT_BUS_TOPIC_PREFIX of the LMS against OPENEDX_EVENT_BUS_TOPICS and OPENEDX_EVENT_BUS_TOPIC_PREFIX`;
    return { name, status: 'to-check', detail };
  } finally {
    redis.disconnect();
  }
}
