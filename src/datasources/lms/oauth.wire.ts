import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';

export const parseToken = createParser(
  'lms',
  Type.Object({
    access_token: Type.String({ minLength: 1 }),
    /** Negative for restricted applications, whose opaque tokens are born expired. */
    expires_in: Type.Number(),
    token_type: Type.String(),
    scope: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String({ minLength: 1 })),
  }),
);

export const parseTokenError = createParser('lms', Type.Object({ error: Type.String() }));
