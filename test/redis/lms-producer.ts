import { Redis } from 'ioredis';
import { eventSchemas } from '../../src/event-bus/event-schemas.js';

export interface LmsProducer extends Disposable {
  redis: Redis;
  /** Publishes as the LMS does. @returns the entry's id in its stream */
  publish(event: { type: string; payload: Record<string, unknown>; stream?: string }): Promise<string>;
  /** The same with data of any kind. */
  publishRaw(fields: Record<string, string | Buffer>, stream?: string): Promise<string>;
}

/** Writes events to a real Redis as the LMS's producer does; while that is away, it waits. */
export function createProducer(url: string, topic = 'learning'): LmsProducer {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => {});
  const publishRaw: LmsProducer['publishRaw'] = async (fields, stream = topic) => {
    const id = await redis.xadd(stream, 'MAXLEN', '~', 10_000, '*', ...Object.entries(fields).flat());
    return id ?? '';
  };
  return {
    redis,
    publishRaw,
    publish({ type, payload, stream }) {
      const data = eventSchemas.get(type)?.toBuffer(payload);
      if (!data) throw new Error(`no such event: ${type}`);
      return publishRaw({ ...header(type), event_data: data }, stream);
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

function header(type: string): Record<string, string> {
  return {
    type,
    id: crypto.randomUUID(),
    source: 'openedx/lms/web',
    time: '2026-11-20T10:11:12.345678+00:00',
    minorversion: '0',
    sourcehost: 'lms-1',
    sourcelib: '10.5.0',
  };
}

/** An enrollment as events carry it. */
export function enrollmentPayload(
  user: { id: number; username: string },
  courseKey: string,
  mode = 'audit',
  isActive = true,
) {
  return {
    enrollment: {
      user: {
        id: user.id,
        is_active: true,
        pii: { username: user.username, email: `${user.username}@x.org`, name: '' },
      },
      course: { course_key: courseKey, display_name: 'A course', start: null, end: null },
      mode,
      is_active: isActive,
      creation_date: '2026-11-20T10:11:12.345678+00:00',
      created_by: null,
    },
  };
}
