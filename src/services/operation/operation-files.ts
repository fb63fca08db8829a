import type { Writable } from 'node:stream';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Authenticator } from '../../crypto/authenticator.js';
import type { Sealer } from '../../crypto/sealer.js';
import {
  type OperationFile,
  OperationFileEntity,
  OperationFilePartEntity,
} from '../../entities/operation-file.entity.js';
import { NotFoundError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import { type PartRows, PartWriter, readParts } from '../sealed-text-parts.js';
import { createSignedAddresses } from '../signed-address.js';

/** Where a file can be had, for a few minutes. Whoever has the address has the file. */
export interface DownloadLink {
  url: string;
  expiresAt: Date;
  name: string;
  sizeBytes: number;
}

/** Files that operations wrote: kept sealed for a while, given to whoever holds a signed address. */
export interface OperationFiles {
  /**
   * Writes the file of an operation; what an earlier run wrote is replaced.
   *
   * @param produce - writes to `out`, and ends it
   */
  write(
    operationId: string,
    file: { name: string; mediaType: string },
    produce: (out: Writable) => Promise<void>,
  ): Promise<void>;
  /** The files that are complete and not expired. */
  find(operationIds: readonly string[]): Promise<OperationFile[]>;
  /** A fresh address of a file; whoever calls has checked access to its operation. */
  link(file: OperationFile): DownloadLink;
  /**
   * Opens a file by its address.
   *
   * @throws {@link NotFoundError} when the address is wrong or too old, or the file is gone
   */
  open(
    address: { operationId: string; expires: string; signature: string },
    ip: string | null,
  ): Promise<{ name: string; mediaType: string; sizeBytes: number; text: AsyncIterable<string> }>;
}

const hourMs = 3_600_000;

export const operationFilePurpose = 'operation-file';

export function createOperationFiles({
  em,
  clock,
  sealer,
  authenticator,
  audit,
  publicUrl,
  keptHours,
}: {
  em: EntityManager;
  clock: Clock;
  sealer: Sealer;
  authenticator: Authenticator;
  audit: Pick<AuditService, 'record'>;
  publicUrl: string;
  /** How long a file can be downloaded, from when it is complete. */
  keptHours: number;
}): OperationFiles {
  const expiryOf = (now: Date) => new Date(now.getTime() + keptHours * hourMs);
  const find = (operationIds: readonly string[]) =>
    em.fork().find(OperationFileEntity, {
      operationId: { $in: [...operationIds] },
      sizeBytes: { $ne: null },
      expiresAt: { $gt: clock() },
    });
  const addresses = createSignedAddresses({ authenticator, clock });
  return {
    find,
    async write(operationId, { name, mediaType }, produce) {
      const now = clock();
      const row = em.fork();
      await row.nativeDelete(OperationFileEntity, { operationId });
      await row.insert(OperationFileEntity, {
        operationId,
        name,
        mediaType,
        createdAt: now,
        expiresAt: expiryOf(now),
        sizeBytes: null,
      });
      const out = new PartWriter(partsOf(em, operationId), sealer);
      await produce(out);
      await row.nativeUpdate(
        OperationFileEntity,
        { operationId },
        { sizeBytes: out.sizeBytes, expiresAt: expiryOf(clock()) },
      );
    },
    link({ operationId, name, sizeBytes }) {
      const { query, expiresAt } = addresses.sign(operationId);
      const url = `${publicUrl}/api/operations/${operationId}/download?${query}`;
      return { url, expiresAt, name, sizeBytes: sizeBytes ?? 0 };
    },
    async open({ operationId, expires, signature }, address) {
      const isGood = addresses.isGood(operationId, { expires, signature });
      const [file] = isGood ? await find([operationId]) : [];
      if (!file) throw new NotFoundError('This address is no longer good. Ask the operation for its download again.');
      await audit.record({
        action: 'operation.downloaded',
        outcome: 'success',
        actor: { accountId: null, address },
        detail: { id: operationId },
      });
      const { name, mediaType } = file;
      const sizeBytes = file.sizeBytes ?? 0;
      return { name, mediaType, sizeBytes, text: readParts(partsOf(em, operationId), sizeBytes, sealer) };
    },
  };
}

function partsOf(em: EntityManager, operationId: string): PartRows {
  return {
    insert: (number, sealed) => em.fork().insert(OperationFilePartEntity, { operationId, number, sealed }),
    read: async (number) => (await em.fork().findOneOrFail(OperationFilePartEntity, { operationId, number })).sealed,
  };
}
