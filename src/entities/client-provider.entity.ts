import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** An identity provider whose ID mapping a client may read with its own tokens. */
export const ClientProviderEntity = defineEntity({
  name: 'ClientProvider',
  tableName: 'client_provider',
  properties: {
    ...baseProperties,
    /** Row id of the client. */
    oauthClientId: p.uuid(),
    /** As the LMS names it, e.g. `oa2-ol-oauth2`. */
    providerId: p.text(),
  },
});
export type ClientProvider = InferEntity<typeof ClientProviderEntity>;
