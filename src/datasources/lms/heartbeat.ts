import { Type } from 'typebox';
import type { CallOptions } from '../upstream/call.js';
import { createParser } from '../upstream/parser.js';
import type { LmsClient } from './lms-client.js';

export interface LmsHeartbeat {
  /** By part of the LMS: `modulestore`, `sql`. */
  parts: Record<string, boolean>;
}

const parseHeartbeat = createParser('lms', Type.Record(Type.String(), Type.Object({ status: Type.Boolean() })));

export interface HeartbeatReads {
  /** @throws UpstreamUnavailableError when the LMS is down, or one of its parts (it answers 503 then) */
  heartbeat(options: CallOptions): Promise<LmsHeartbeat>;
}

export function createHeartbeatReads(client: LmsClient): HeartbeatReads {
  return {
    heartbeat: (options) =>
      client.request(
        {
          operation: 'heartbeat',
          family: 'heartbeat',
          method: 'GET',
          path: '/heartbeat',
          credentials: 'none',
          isIdempotent: true,
          read: (answer) => {
            const parts = Object.entries(parseHeartbeat(answer.body)).map(
              ([part, { status }]) => [part, status] as const,
            );
            return { parts: Object.fromEntries(parts) };
          },
        },
        options,
      ),
  };
}
