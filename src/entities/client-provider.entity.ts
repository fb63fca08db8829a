import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A third-party-auth provider whose ID mapping a client may read. */
export const ClientProviderEntity = defineEntity({
  name: 'ClientProvider',
  tableName: 'client_provider',
  properties: {
    ...baseProperties,
    oauthClientId: p.uuid(),
    /** The LMS's id of the provider, e.g. `saml-demou`. */
    providerId: p.text(),
  },
});
export type ClientProvider = InferEntity<typeof ClientProviderEntity>;
