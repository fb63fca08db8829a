/** Somebody whom the university knows. */
export interface UniversityPerson {
  /** The provider's own name for them, which never changes. */
  readonly sub: string;
  readonly name: string;
  readonly email: string;
  /** Whether the university has seen that they read mail there. */
  readonly emailVerified: boolean;
  /** The university's key for them, as its lists of learners have it. */
  readonly studentKey: string | null;
}

/** Learners of `DemoU`: two who have accounts at Portico or the LMS, and some who wait for one. */
export const DEMO_UNIVERSITY_PEOPLE: readonly UniversityPerson[] = [
  person('ada', 'Ada Lovelace', 'DU-0001', 'ada@example.org'),
  person('lena', 'Lena Okafor', 'DU-0004'),
  person('paul', 'Paul Meyer', 'DU-0005'),
  // The list of learners spells the key in another way.
  person('rosa', 'Rosa Jiménez', 'du-0006'),
  { ...person('zoe', 'Zoe Unconfirmed', 'DU-0007'), emailVerified: false },
];

function person(sub: string, name: string, studentKey: string, email = `${sub}@demou.example.edu`): UniversityPerson {
  return { sub, name, email, emailVerified: true, studentKey };
}
