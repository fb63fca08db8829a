/** Why a call is made; sent upstream as `X-Portico-Purpose`. A person waits for the first two. */
export type Purpose = 'request' | 'refresh' | 'job' | 'schedule';

/** Whether someone waits for the answer, which decides how long a call may take and whose slots it uses. */
export function isAwaited(purpose: Purpose): boolean {
  return purpose === 'request' || purpose === 'refresh';
}
