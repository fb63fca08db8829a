import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const dataExportStates = ['QUEUED', 'READY'] as const;
export type DataExportState = (typeof dataExportStates)[number];

/** A copy of a person's data that they asked for. One for each account; purged when expired. */
export const DataExportEntity = defineEntity({
  name: 'DataExport',
  tableName: 'data_export',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    state: p.enum(dataExportStates).$type<DataExportState>(),
    readyAt: p.datetime().nullable(),
    /** Until when it can be downloaded. */
    expiresAt: p.datetime().nullable(),
    sizeBytes: p.bigint('number').nullable(),
  },
});
export type DataExport = InferEntity<typeof DataExportEntity>;

/** A piece of the copy's text, in order; sealed. */
export const DataExportPartEntity = defineEntity({
  name: 'DataExportPart',
  tableName: 'data_export_part',
  properties: {
    dataExportId: p.uuid().primary(),
    number: p.integer().primary(),
    sealed: p.text(),
  },
});
