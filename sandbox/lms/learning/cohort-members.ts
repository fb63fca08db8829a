import type { Lms } from '../lms.js';
import type { Cohort } from '../rows.js';

export function cohortsOf({ state }: Lms, courseKey: string): Cohort[] {
  return [...state.cohorts.values()].filter((cohort) => cohort.courseKey === courseKey);
}

export function putCohort({ state }: Lms, cohort: Cohort): void {
  state.cohorts.set(`${cohort.courseKey} ${cohort.name}`, cohort);
}

/** Moves a learner into a cohort of a course, out of the one that they were in. @returns false when there is no such cohort */
export function addToCohort(lms: Lms, courseKey: string, name: string, username: string): boolean {
  const all = cohortsOf(lms, courseKey);
  const wanted = all.find((cohort) => cohort.name === name);
  if (wanted === undefined) return false;
  for (const cohort of all) {
    const isMember = cohort.usernames.includes(username);
    if (cohort === wanted && !isMember) putCohort(lms, { ...cohort, usernames: [...cohort.usernames, username] });
    if (cohort !== wanted && isMember) removeFromCohort(lms, cohort, username);
  }
  return true;
}

export function removeFromCohort(lms: Lms, cohort: Cohort, username: string): void {
  putCohort(lms, { ...cohort, usernames: cohort.usernames.filter((name) => name !== username) });
}
