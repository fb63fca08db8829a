import { ThirdPartyMappingType } from '../edx-link/lms-user.type.js';
import { connectionOf } from '../page/connection.type.js';

export const ThirdPartyMappingConnection = connectionOf(
  ThirdPartyMappingType,
  'ThirdPartyMapping',
  'links between users of the LMS and people of a provider',
);
