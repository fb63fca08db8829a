import type { Role } from '../../access/viewer.js';

export interface DemoPerson {
  username: string;
  email: string;
  name: string;
  password: string;
  roles: Role[];
  /** Whether the sandbox LMS has an account of the same name, linked to this one. */
  isInLms: boolean;
  /** For the list at start. */
  about: string;
}

/** Who the client of the partner school acts as. */
export const demoPartner: DemoPerson = {
  username: 'dana',
  email: 'dana@example.org',
  name: 'Dana Registrar',
  password: 'dana-password-1',
  roles: [],
  isInLms: false,
  about: 'partner school DemoU',
};

/** Who exists in a fresh demo. The sandbox LMS knows those that are in the LMS by the same username. */
export const demoPeople: readonly DemoPerson[] = [
  {
    username: 'ada',
    email: 'ada@example.org',
    name: 'Ada Lovelace',
    password: 'ada-password-1',
    roles: [],
    isInLms: true,
    about: 'learner with five enrollments',
  },
  {
    username: 'grace',
    email: 'grace@example.org',
    name: 'Grace Hopper',
    password: 'grace-password-1',
    roles: [],
    isInLms: false,
    about: 'learner, not yet in the LMS',
  },
  {
    username: 'sam',
    email: 'sam@example.org',
    name: 'Sam Support',
    password: 'sam-password-1',
    roles: ['SUPPORT'],
    isInLms: true,
    about: 'support',
  },
  {
    username: 'root',
    email: 'root@example.org',
    name: 'Root Administrator',
    password: 'root-password-1',
    roles: ['ADMIN'],
    isInLms: true,
    about: 'administrator',
  },
  demoPartner,
];
