import { defineEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** What a person allowed a client to do, beyond one session. */
export const OAuthConsentEntity = defineEntity({
  name: 'OAuthConsent',
  tableName: 'oauth_consent',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    clientId: p.text(),
    scopes: p.array().$type<string[]>(),
    revokedAt: p.datetime().nullable(),
  },
});
