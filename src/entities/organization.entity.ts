import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A school or partner that programs and learners belong to. Its key is unique without regard to case. */
export const OrganizationEntity = defineEntity({
  name: 'Organization',
  tableName: 'organization',
  properties: {
    ...baseProperties,
    /** As Discovery and the LMS (`short_name`) know it, e.g. `DemoU`. */
    key: p.text(),
    name: p.text(),
    /** Id of the organization in Discovery, where it is known. */
    discoveryUuid: p.uuid().nullable(),
  },
});
export type Organization = InferEntity<typeof OrganizationEntity>;
