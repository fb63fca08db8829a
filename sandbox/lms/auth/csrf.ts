import type { Call } from '../http/call.js';

/** Whether a browser's POST carries the token of its own cookie, in the header or in the form. */
export async function hasCsrfToken(call: Call): Promise<boolean> {
  const cookie = call.cookies.get('csrftoken');
  if (cookie === undefined) return false;
  const sent = call.header('x-csrftoken') || ((await call.form()).get('csrfmiddlewaretoken') ?? '');
  return sent === cookie;
}
