import type { RowRefusal } from '../../datasources/program/judge-row.js';

const words = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/** Reads a cell that says whether a learner is one of the staff of a course run; a blank one leaves it as it is. */
export function readCourseStaff(cell: string): { value?: boolean; refusal?: RowRefusal } {
  if (cell === '') return {};
  const value = words.get(cell.toLowerCase());
  if (value !== undefined) return { value };
  const reason = `“${cell.slice(0, 40)}” does not say whether the learner is staff. Use true or false, or leave it blank.`;
  return { refusal: { outcome: 'INVALID', reason } };
}
