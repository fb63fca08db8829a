import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Secrets } from '../config/secrets.js';
import { createSealer } from '../crypto/sealer.js';
import type { LmsApi } from '../datasources/lms/lms-api.js';
import { type BusConsumer, type BusPatience, createBusConsumer } from '../event-bus/bus-consumer.js';
import { readEvent } from '../event-bus/read-event.js';
import type { Events } from '../events.js';
import type { AdvisoryLocks } from '../locks/advisory-locks.js';
import type { Logger } from '../logger.js';
import type { AuditService } from '../services/audit/audit.service.js';
import { createLearningHints, type LearningHints } from '../services/learning-hint/follow-hints.js';
import { createLmsUserIds, type LmsUserIds } from '../services/lms-event/learn-user-ids.js';
import { createLmsEvents, type LmsEvents } from '../services/lms-event/take-events.js';
import { createParkedEvents, type ParkedEvents } from '../services/parked-event/parked-event.service.js';

/** What the LMS tells of by its events. */
export interface EventServices {
  lmsEvents: LmsEvents;
  lmsUserIds: LmsUserIds;
  learningHints: LearningHints;
  parkedEvents: ParkedEvents;
}

/** For tests, in milliseconds. */
export interface EventPatience extends Partial<BusPatience> {
  /** Before so long the LMS is not asked about what it told of. */
  settleMs?: number;
}

const parkedPurpose = 'parked-event';

/** Builds them, and the consumer of the event bus where there is a bus; part of the composition root. */
export function createEventServices({
  config,
  secrets,
  orm,
  api,
  locks,
  audit,
  events,
  clock,
  logger,
  busPatience,
}: {
  config: Config;
  secrets: Pick<Secrets, 'keys' | 'eventBusRedisUrl'>;
  orm: MikroORM;
  api: LmsApi;
  locks: AdvisoryLocks;
  audit: Pick<AuditService, 'record'>;
  events: Events;
  clock: Clock;
  logger: Logger;
  busPatience?: EventPatience | undefined;
}): { services: EventServices; busConsumer: BusConsumer | undefined } {
  const { em } = orm;
  const log = logger.child({ part: 'event-bus' });
  const settleMs = busPatience?.settleMs;
  const settling = { ...(settleMs !== undefined && { settleMs }) };
  const lmsEvents = createLmsEvents({ em, clock, ...settling });
  const parkedEvents = createParkedEvents({
    em,
    audit,
    sealer: createSealer(secrets.keys, parkedPurpose),
    take: async (message) => {
      const event = readEvent(message);
      if (event) await lmsEvents.take([event]);
    },
  });
  const url = secrets.eventBusRedisUrl;
  return {
    services: {
      lmsEvents,
      parkedEvents,
      lmsUserIds: createLmsUserIds({ em, api, locks, clock, logger: log }),
      learningHints: createLearningHints({ em, api, locks, clock, logger: log, ...settling }),
    },
    busConsumer: url
      ? createBusConsumer({
          url,
          config: config.eventBus,
          lmsEvents,
          parkedEvents,
          events,
          logger: log,
          patience: busPatience,
        })
      : undefined,
  };
}
