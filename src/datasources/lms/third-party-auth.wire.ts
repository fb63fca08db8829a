import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { NumberedPage } from './wire-types.js';

export const parseMappingPage = createParser(
  'lms',
  NumberedPage(Type.Object({ username: Type.String(), remote_id: Type.String() })),
);
