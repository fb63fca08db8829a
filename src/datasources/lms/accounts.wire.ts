import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { DateTime, Maybe } from './wire-types.js';

/** Only `username` is sure: what else is there depends on the caller's rights and the learner's privacy. */
const Account = Type.Object({
  username: Type.String(),
  id: Maybe(Type.Integer()),
  email: Maybe(Type.String()),
  name: Maybe(Type.String()),
  is_active: Maybe(Type.Boolean()),
  date_joined: Maybe(DateTime),
  last_login: Maybe(DateTime),
  country: Maybe(Type.String()),
  year_of_birth: Maybe(Type.Integer()),
});

export type WireAccount = Type.Static<typeof Account>;

export const parseAccount = createParser('lms', Account);
export const parseAccounts = createParser('lms', Type.Array(Account));
export const parseFoundEmails = createParser(
  'lms',
  Type.Array(Type.Object({ email: Type.String(), id: Type.Integer(), username: Type.String() })),
);
const FieldErrors = Type.Record(Type.String(), Type.Object({ user_message: Maybe(Type.String()) }));
export const parsePatchRefusal = createParser('lms', Type.Object({ field_errors: Type.Optional(FieldErrors) }));
