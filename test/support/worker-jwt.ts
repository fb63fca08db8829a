import { testClients } from './settings.js';

/** A JWT that the LMS gives the service worker. */
export async function workerJwt(lmsUrl: string): Promise<string> {
  const { clientId, clientSecret } = testClients.worker;
  const answer = await fetch(`${lmsUrl}/oauth2/access_token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      token_type: 'jwt',
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}
