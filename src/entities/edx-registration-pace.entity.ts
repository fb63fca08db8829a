import { defineEntity, p } from '@mikro-orm/core';

/** How fast the LMS takes registrations, for all processes: one row, which names nobody. */
export const EdxRegistrationPaceEntity = defineEntity({
  name: 'EdxRegistrationPace',
  tableName: 'edx_registration_pace',
  properties: {
    id: p.integer().primary(),
    gapMs: p.integer().default(0),
    nextAt: p.datetime().nullable(),
    refusedSince: p.datetime().nullable(),
  },
});
