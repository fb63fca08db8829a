import { requestToken } from '../../datasources/lms/token-endpoint.js';
import { adminPage, type Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/**
 * Whether the LMS knows Portico's own client, with which it obtains learners' tokens: it is asked to trade a code that it never
 * gave, and looks at the client before it looks at the code.
 */
export function checkApiClient(examination: Examination): Promise<Finding> {
  const { client, config } = examination;
  const redirectUri = `${config.http.publicUrl}/login/_private/complete`;
  return find(
    "Portico's client at the LMS",
    async () => {
      const { clientId } = client.apiClient;
      const outcome = await requestToken(
        { call: client.request },
        client.apiClient,
        { grant_type: 'authorization_code', code: 'portico-doctor', redirect_uri: redirectUri },
        { purpose: 'request', isIdempotent: true },
      );
      if (outcome.kind !== 'misconfigured') return `the LMS takes ${clientId}`;
      throw new Trouble(`the LMS refuses ${clientId}: ${outcome.code}`, {
        ...(outcome.code === 'invalid_client' && { problem: 'secret-mismatch' }),
      });
    },
    `At ${adminPage(examination, 'oauth2_provider/application/')} make or correct the application of OPENEDX_API_CLIENT_ID: Client type "Confidential", Authorization grant type "Authorization code", Skip authorization ticked, Redirect uris "${redirectUri}", and the secret of OPENEDX_API_CLIENT_SECRET (new applications of some releases show it only before they are saved).`,
  );
}
