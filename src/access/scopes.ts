/** Every scope that Portico grants, with what it allows, in words for the consent page. */
export const scopeDescriptions = {
  openid: 'Know that it is you',
  profile: 'See your name and username',
  email: 'See your e-mail address',
  'user:read': 'See your name, username and e-mail address',
  user_id: 'See your numeric learner id',
  offline_access: 'Stay connected while you are away',
  'learning:read': 'See your enrollments, grades and certificates',
  'learning:write': 'Enroll you in courses and change your enrollments',
  'accounts:read': 'See accounts',
  'accounts:write': 'Change accounts',
  'clients:admin': 'Manage OAuth clients and keys',
  'programs:read': 'See programs and their learners',
  'programs:write': 'Change program enrollments',
  'tpa:read': 'Read the mapping between accounts and LMS users',
  'operations:admin': 'Run and watch operations',
} as const;

export type Scope = keyof typeof scopeDescriptions;

/** What a client without any scope of its own gets. */
export const defaultScope: Scope = 'user:read';
