import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';

export const parseRetirementStatus = createParser(
  'lms',
  Type.Object({ current_state: Type.Object({ state_name: Type.String() }) }),
);
export const parseBulkRetirement = createParser(
  'lms',
  Type.Object({ successful_user_retirements: Type.Array(Type.String()) }),
);
