import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Sealer } from '../../crypto/sealer.js';
import { type ParkedEvent, ParkedEventEntity, type ParkedReason } from '../../entities/parked-event.entity.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';

/** A message of the event bus as it came. */
export interface StreamMessage {
  topic: string;
  entryId: string;
  fields: ReadonlyMap<string, Buffer>;
}

/** Messages of the event bus that could not be taken. */
export interface ParkedEvents {
  /** Keeps a message, sealed. One that is parked already is not parked again. */
  park(message: StreamMessage, reason: ParkedReason, detail: string): Promise<void>;
  list(page: PageRequest): Promise<Page<ParkedEvent>>;
  findByIds(ids: readonly string[]): Promise<ParkedEvent[]>;
  /**
   * Takes parked messages once more; one that is taken now is parked no longer, any other keeps why not.
   *
   * @returns ids of those that were taken
   */
  replay(ids: readonly string[], actor: Actor): Promise<string[]>;
  count(): Promise<number>;
}

export interface ParkedEventsDeps {
  em: EntityManager;
  sealer: Sealer;
  audit: Pick<AuditService, 'record'>;
  /** Stores what a message is about. @throws when it cannot be read or taken */
  take(message: StreamMessage): Promise<void>;
}

const longestDetail = 500;
const longestName = 200;

export function createParkedEvents({ em, sealer, audit, take }: ParkedEventsDeps): ParkedEvents {
  const replayOne = async (id: string): Promise<boolean> => {
    const tx = em.fork();
    const parked = await tx.findOne(ParkedEventEntity, { id }, { populate: ['sealed'] });
    if (!parked) return false;
    try {
      await take(unpack(parked, await sealer.open(parked.sealed)));
    } catch (error) {
      parked.detail = storable(error instanceof Error ? error.message : 'It failed.').slice(0, longestDetail);
      await tx.flush();
      return false;
    }
    await tx.remove(parked).flush();
    return true;
  };

  return {
    async park({ topic, entryId, fields }, reason, detail) {
      const text = (name: string) => {
        const value = fields.get(name);
        return value ? storable(value.toString()).slice(0, longestName) : null;
      };
      const sealed = await sealer.seal(
        JSON.stringify([...fields].map(([name, value]) => [name, value.toString('base64')])),
      );
      await em.fork().execute(
        `insert into parked_event (id, created_at, updated_at, topic, entry_id, event_id, type, reason, detail, sealed)
         values (?, now(), now(), ?, ?, ?, ?, ?, ?, ?) on conflict (topic, entry_id) do nothing`,
        [uuidv7(), topic, entryId, text('id'), text('type'), reason, storable(detail).slice(0, longestDetail), sealed],
      );
    },
    list: (page) => findPage(em.fork(), ParkedEventEntity, {}, page),
    findByIds: (ids) => em.fork().find(ParkedEventEntity, { id: { $in: [...ids] } }),
    async replay(ids, actor) {
      const taken: string[] = [];
      for (const id of new Set(ids)) if (await replayOne(id)) taken.push(id);
      if (taken.length > 0)
        await audit.record({
          action: 'events.replayed',
          outcome: 'success',
          actor,
          detail: { events: taken.slice(0, 100) },
        });
      return taken;
    },
    count: () => em.fork().count(ParkedEventEntity),
  };
}

/** PostgreSQL stores any character but this one, and a message that is not what it should be may hold it. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

function unpack({ topic, entryId }: ParkedEvent, opened: string): StreamMessage {
  const fields: [string, string][] = JSON.parse(opened);
  return { topic, entryId, fields: new Map(fields.map(([name, value]) => [name, Buffer.from(value, 'base64')])) };
}
