import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../clock.js';
import type { Sealer } from '../../crypto/sealer.js';
import { type Upload, UploadEntity, UploadPartEntity } from '../../entities/upload.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import { type PartRows, PartWriter, readParts } from '../sealed-text-parts.js';
import { TextDecoding } from './decode-text.js';

/** Text files that people send in, for a mutation of theirs to work with: sealed, and kept for a day. */
export interface UploadService {
  /**
   * Stores a file as it comes in; what is wrong with it is found while it does, and nothing of it stays.
   *
   * @throws InvalidInputError `EMPTY_FILE`, `NOT_CSV` or `WRONG_ENCODING`; ConflictError with too many uploads that wait; whatever the
   * stream ends by
   */
  receive(bytes: Readable, file: { name: string; actor: Actor }): Promise<Upload>;
  /**
   * An upload, to whoever sent it.
   *
   * @throws NotFoundError when it is gone, or somebody else's
   */
  require(id: string, actor: Actor): Promise<Upload>;
  /**
   * The text of an upload, without a byte order mark; a part of it in memory at a time.
   *
   * @throws NotFoundError when it is gone
   */
  text(id: string): AsyncGenerator<string>;
  /** Forgets an upload that has served its purpose. */
  remove(id: string): Promise<void>;
}

/** Long enough to begin with it what it was sent for. */
const keptMs = 24 * 3_600_000;
/** So many of one account may wait to be used. */
const mostWaiting = 20;

export const uploadPurpose = 'upload';

export function createUploadService({
  em,
  clock,
  sealer,
}: {
  em: EntityManager;
  clock: Clock;
  sealer: Sealer;
}): UploadService {
  const refuseTooMany = async ({ accountId, clientId }: Actor) => {
    const waiting = await em
      .fork()
      .count(UploadEntity, { accountId, clientId: clientId ?? null, expiresAt: { $gt: clock() } });
    if (waiting >= mostWaiting)
      throw new ConflictError(
        `There are ${waiting} uploads of yours already that wait to be used. Use them, or wait a day: they are forgotten then.`,
      );
  };
  return {
    async receive(bytes, { name, actor }) {
      await refuseTooMany(actor);
      const now = clock();
      const id = uuidv7();
      await em.fork().insert(UploadEntity, {
        id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + keptMs),
        accountId: actor.accountId,
        clientId: actor.clientId ?? null,
        name,
        sizeBytes: null,
      });
      try {
        const parts = new PartWriter(partsOf(em, id), sealer);
        await pipeline(bytes, new TextDecoding(), parts);
        await em.fork().nativeUpdate(UploadEntity, { id }, { sizeBytes: parts.sizeBytes });
      } catch (error) {
        await em.fork().nativeDelete(UploadEntity, { id });
        throw error;
      }
      return em.fork().findOneOrFail(UploadEntity, { id });
    },
    async require(id, { accountId, clientId }) {
      const wanted = {
        id,
        accountId,
        // A person may send a file from a page and begin with it from another one.
        ...(accountId === null && { clientId: clientId ?? null }),
        sizeBytes: { $ne: null },
        expiresAt: { $gt: clock() },
      };
      const upload = isUuid(id) ? await em.fork().findOne(UploadEntity, wanted) : null;
      if (!upload)
        throw new NotFoundError('There is no such upload of yours, or it is more than a day old. Send it again.');
      return upload;
    },
    async *text(id) {
      const upload = await em.fork().findOne(UploadEntity, { id, sizeBytes: { $ne: null } });
      if (!upload) throw new NotFoundError('The upload is no longer kept. Send it again.');
      yield* readParts(partsOf(em, id), upload.sizeBytes ?? 0, sealer);
    },
    async remove(id) {
      await em.fork().nativeDelete(UploadEntity, { id });
    },
  };
}

function partsOf(em: EntityManager, uploadId: string): PartRows {
  return {
    insert: (number, sealed) => em.fork().insert(UploadPartEntity, { uploadId, number, sealed }),
    read: async (number) => (await em.fork().findOneOrFail(UploadPartEntity, { uploadId, number })).sealed,
  };
}
