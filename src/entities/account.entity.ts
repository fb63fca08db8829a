import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const accountStatuses = ['ACTIVE', 'DEACTIVATED', 'BLOCKED', 'RETIRED'] as const;
export type AccountStatus = (typeof accountStatuses)[number];

export const roles = ['LEARNER', 'STAFF', 'SUPPORT', 'ADMIN', 'PARTNER'] as const;
export type Role = (typeof roles)[number];

/** What a person tells about themselves beside name and e-mail; every part is optional. */
export interface AccountProfile {
  /** ISO 3166 alpha-2, upper case. */
  country?: string | null;
  state?: string | null;
  birthYear?: number | null;
  gender?: string | null;
  company?: string | null;
  jobTitle?: string | null;
  /** BCP 47, e.g. `en`. */
  languageCode?: string | null;
}

/**
 * A person. `username` never changes after creation: the LMS holds it as the uid of its link to Portico. Unique without
 * regard to case are `username` and `email` (indexes on `lower(…)`, see the first migration).
 */
export const AccountEntity = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    ...baseProperties,
    username: p.text(),
    email: p.text(),
    emailVerifiedAt: p.datetime().nullable(),
    name: p.text(),
    /** argon2id in PHC form, or a hash of Django's until its owner signs in; null when the person has no password. */
    passwordHash: p.text().nullable().lazy(),
    passwordChangedAt: p.datetime().nullable(),
    status: p.enum(accountStatuses).$type<AccountStatus>().default('ACTIVE'),
    /** Roles beside LEARNER, which everyone has. */
    roles: p.array().$type<Role[]>().default([]),
    profile: p.json<AccountProfile>().onCreate(() => ({})),
    /** The language in which its owner last read pages. */
    locale: p.text().nullable(),
    termsVersion: p.text().nullable(),
    termsAgreedAt: p.datetime().nullable(),
    lastSignedInAt: p.datetime().nullable(),
  },
});
export type Account = InferEntity<typeof AccountEntity>;
