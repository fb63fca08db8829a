import type { LmsState } from '../state.js';

/** Whether an e-mail belongs to someone, or belonged to someone who is being retired. Case does not matter. */
export function isEmailTaken(state: LmsState, email: string): boolean {
  if (email === '') return false;
  if (state.usersByEmail.count(email.toLowerCase()) > 0) return true;
  return [...state.retirements.values()].some((row) => row.originalEmail.toLowerCase() === email.toLowerCase());
}

export function isUsernameTaken(state: LmsState, username: string): boolean {
  if (username === '') return false;
  if (state.user(username) !== undefined) return true;
  return [...state.retirements.values()].some((row) => row.originalUsername.toLowerCase() === username.toLowerCase());
}
