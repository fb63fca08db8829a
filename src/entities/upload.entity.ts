import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A text file that somebody sent in, for one of their mutations. Purged when expired. */
export const UploadEntity = defineEntity({
  name: 'Upload',
  tableName: 'upload',
  properties: {
    id: baseProperties.id,
    createdAt: baseProperties.createdAt,
    expiresAt: p.datetime(),
    /** Who may use it: the account, by the client, that sent it; null: whoever lacks the one or the other. */
    accountId: p.uuid().nullable(),
    clientId: p.text().nullable(),
    /** As the sender calls it. */
    name: p.text(),
    /** Null while it comes in. */
    sizeBytes: p.bigint('number').nullable(),
  },
});
export type Upload = InferEntity<typeof UploadEntity>;

/** A piece of the text, in order; sealed. */
export const UploadPartEntity = defineEntity({
  name: 'UploadPart',
  tableName: 'upload_part',
  properties: {
    uploadId: p.uuid().primary(),
    number: p.integer().primary(),
    sealed: p.text(),
  },
});
