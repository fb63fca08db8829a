import type { LmsGrade } from '../../datasources/lms/grades.js';

/** Extra credit may lift a grade above 1. Beyond this it is no grade but a mistake, and kept out. */
const maxPercent = 2;

/** @returns whether a percent can be one */
export function isCredible({ percent }: Pick<LmsGrade, 'percent'>): boolean {
  return percent >= 0 && percent <= maxPercent;
}
