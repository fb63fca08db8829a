import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A certificate of the LMS as last seen there. One row per account and course run. */
export const CertificateEntity = defineEntity({
  name: 'Certificate',
  tableName: 'certificate',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    courseKey: p.text(),
    lmsUsername: p.text(),
    /** The mode it was earned in: `verified`, `honor`, … */
    type: p.text(),
    status: p.text(),
    downloadUrl: p.text().nullable(),
    /** As printed on it. */
    grade: p.text().nullable(),
    /** Names the certificate's own page. */
    uuid: p.text().nullable(),
    lmsCreatedAt: p.datetime(),
    lmsModifiedAt: p.datetime().nullable(),
    /** When the LMS last listed it. */
    asOf: p.datetime(),
    /** When the LMS was first seen not to list it any more: it was revoked, or the grade fell. Such a one is never shown. */
    withdrawnAt: p.datetime().nullable(),
  },
});
export type Certificate = InferEntity<typeof CertificateEntity>;

/** When the LMS was last asked for all certificates of an account: no certificate then means that there is none. */
export const CertificateReadingEntity = defineEntity({
  name: 'CertificateReading',
  tableName: 'certificate_reading',
  properties: {
    accountId: p.uuid().primary(),
    asOf: p.datetime(),
  },
});
