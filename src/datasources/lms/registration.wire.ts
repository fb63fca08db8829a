import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { Maybe } from './wire-types.js';

export const parseRegistered = createParser(
  'lms',
  Type.Object({
    success: Type.Literal(true),
    /** Absent in releases before about Palm. */
    authenticated_user: Maybe(Type.Object({ username: Maybe(Type.String()), user_id: Maybe(Type.Integer()) })),
  }),
);

const Messages = Type.Array(Type.Object({ user_message: Type.String() }));

/** `{"<field>": [{"user_message": …}], "error_code": …}`; which fields there are varies. */
export const parseRefusal = createParser(
  'lms',
  Type.Object({
    error_code: Maybe(Type.String()),
    username_suggestions: Maybe(Type.Array(Type.String())),
    email: Type.Optional(Messages),
    username: Type.Optional(Messages),
    error_message: Type.Optional(Messages),
  }),
);
export const isMessages = (value: unknown): value is Type.Static<typeof Messages> =>
  Array.isArray(value) && value.every((item) => typeof item?.user_message === 'string');

export const parseDecisions = createParser(
  'lms',
  Type.Object({
    validation_decisions: Type.Record(Type.String(), Type.String()),
    username_suggestions: Maybe(Type.Array(Type.String())),
  }),
);
