/** The LMS's default retirement states; each step is ten after the one before, so that operators can add some. */
export const RETIREMENT_STATES: readonly string[] = [
  'PENDING',
  'LOCKING_ACCOUNT',
  'LOCKING_COMPLETE',
  'RETIRING_FORUMS',
  'FORUMS_COMPLETE',
  'RETIRING_EMAIL_LISTS',
  'EMAIL_LISTS_COMPLETE',
  'RETIRING_ENROLLMENTS',
  'ENROLLMENTS_COMPLETE',
  'RETIRING_NOTES',
  'NOTES_COMPLETE',
  'RETIRING_LMS',
  'LMS_COMPLETE',
  'ERRORED',
  'ABORTED',
  'COMPLETE',
];

/** States that no further state follows. */
export const FINAL_STATES: readonly string[] = ['ERRORED', 'ABORTED', 'COMPLETE'];

/** Step of a state; 0 for one that does not exist. */
export function stepOf(state: string): number {
  const at = RETIREMENT_STATES.indexOf(state);
  return at === -1 ? 0 : at * 10 + 1;
}

export function stateObject(state: string): Record<string, unknown> {
  const at = RETIREMENT_STATES.indexOf(state);
  return { id: at + 1, state_name: state, state_execution_order: stepOf(state) };
}
