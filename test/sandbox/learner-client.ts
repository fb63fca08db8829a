import type { RunningSandbox } from '../../sandbox/start.js';
import { jsonOf } from './credentials.js';

export const WORKER = { authorization: 'Bearer static-worker-token' };

/** The JSON of a call that the service worker makes; fails when the answer is not 200. */
export async function workerReads<T>(sandbox: RunningSandbox, path: string): Promise<T> {
  const answer = await fetch(`${sandbox.lmsUrl}${path}`, { headers: WORKER });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** A write of the enrollment API by the service worker. */
export async function workerEnrolls(
  sandbox: RunningSandbox,
  body: Readonly<Record<string, unknown>>,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const answer = await fetch(`${sandbox.lmsUrl}/api/enrollment/v1/enrollment`, {
    method: 'POST',
    headers: { ...WORKER, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export function changeSettings(
  sandbox: RunningSandbox,
  settings: Readonly<Record<string, unknown>>,
): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}/_sandbox/settings`, { method: 'PUT', body: JSON.stringify(settings) });
}

export function seed(sandbox: RunningSandbox, sizes: Readonly<Record<string, unknown>>): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(sizes) });
}

/** A JWT of the service worker, for views that read no Bearer. */
export async function workerJwt(sandbox: RunningSandbox): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: 'portico-worker',
    client_secret: 'portico-worker-secret',
    token_type: 'jwt',
  };
  const answer = fetch(`${sandbox.lmsUrl}/oauth2/access_token`, { method: 'POST', body: new URLSearchParams(form) });
  return (await jsonOf<{ access_token: string }>(answer)).access_token;
}
