import { defineEntity, p } from '@mikro-orm/core';

/**
 * What the OAuth provider stores of every model but Session: codes, tokens, grants, interactions. The id of a bearer
 * artifact is stored as its sha256 only. `payload` is the provider's own, without the id.
 */
export const OidcArtifactEntity = defineEntity({
  name: 'OidcArtifact',
  tableName: 'oidc_artifact',
  primaryKeys: ['model', 'id'],
  properties: {
    model: p.text().primary(),
    id: p.text().primary(),
    grantId: p.text().nullable(),
    userCode: p.text().nullable(),
    accountId: p.text().nullable(),
    clientId: p.text().nullable(),
    payload: p.json<Record<string, unknown>>(),
    consumedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});

/** A sign-in session: the OAuth provider's session, with what its owner sees of it. */
export const OidcSessionEntity = defineEntity({
  name: 'OidcSession',
  tableName: 'oidc_session',
  properties: {
    /** sha256 of the cookie value; changes at each sign-in, while `uid` stays. */
    id: p.text().primary(),
    uid: p.text(),
    accountId: p.text().nullable(),
    payload: p.json<Record<string, unknown>>(),
    userAgent: p.text().nullable(),
    address: p.text().nullable(),
    createdAt: p.datetime(),
    lastSeenAt: p.datetime(),
    expiresAt: p.datetime().nullable(),
  },
});
