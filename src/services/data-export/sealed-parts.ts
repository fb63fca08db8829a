import type { EntityManager } from '@mikro-orm/postgresql';
import type { Sealer } from '../../crypto/sealer.js';
import { DataExportPartEntity } from '../../entities/data-export.entity.js';

/** Characters of one part: a row of some hundred kilobytes when sealed. */
const partLength = 256 * 1024;

/**
 * Stores a text, part by part, each sealed.
 *
 * @returns its length in bytes
 */
export async function storeParts(
  tx: EntityManager,
  dataExportId: string,
  text: AsyncIterable<string>,
  sealer: Sealer,
): Promise<number> {
  let number = 0;
  let sizeBytes = 0;
  for await (const part of inParts(text)) {
    sizeBytes += Buffer.byteLength(part);
    await tx.insert(DataExportPartEntity, { dataExportId, number, sealed: await sealer.seal(part) });
    number += 1;
  }
  return sizeBytes;
}

/** Reads the text back, one part at a time. */
export async function* readParts(em: EntityManager, dataExportId: string, sealer: Sealer): AsyncGenerator<string> {
  for (let number = 0; ; number += 1) {
    const part = await em.fork().findOne(DataExportPartEntity, { dataExportId, number });
    if (!part) return;
    yield sealer.open(part.sealed);
  }
}

async function* inParts(text: AsyncIterable<string>): AsyncGenerator<string> {
  let part = '';
  for await (const piece of text) {
    part += piece;
    if (part.length < partLength) continue;
    yield part;
    part = '';
  }
  if (part !== '') yield part;
}
