import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** A file that an operation wrote. Purged when expired. */
export const OperationFileEntity = defineEntity({
  name: 'OperationFile',
  tableName: 'operation_file',
  properties: {
    operationId: p.uuid().primary(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    name: p.text(),
    mediaType: p.text(),
    /** Null while it is being written. */
    sizeBytes: p.bigint('number').nullable(),
  },
});
export type OperationFile = InferEntity<typeof OperationFileEntity>;

/** A piece of the file, in order; sealed. */
export const OperationFilePartEntity = defineEntity({
  name: 'OperationFilePart',
  tableName: 'operation_file_part',
  properties: {
    operationId: p.uuid().primary(),
    number: p.integer().primary(),
    sealed: p.text(),
  },
});
