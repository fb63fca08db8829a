import { AuditEventEntity } from '../../entities/audit-event.entity.js';
import { adminPage, type Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/** An authorization request of the LMS, as it sent a browser to Portico with it. */
export interface SignOnStart {
  target: URL;
  /** With which the LMS remembers the request. */
  cookie: string;
}

/** Portico never gave it, so the LMS is refused either way; what matters is whether for the code or for its secret. */
const unknownCode = 'portico-doctor';

/**
 * Whether the LMS's secret is the one that Portico has. The LMS tells nobody its secret, but shows it to Portico when somebody
 * comes back from signing in: so this comes back with a code that Portico does not know, and reads in the audit how Portico
 * refused the LMS.
 */
export function checkLmsSecret(examination: Examination, { target, cookie }: SignOnStart): Promise<Finding> {
  const { pages, config } = examination;
  const clientId = target.searchParams.get('client_id') ?? '';
  const page = adminPage(examination, 'third_party_auth/oauth2providerconfig/');
  return find(
    "the LMS's secret",
    async () => {
      const callback = new URL(target.searchParams.get('redirect_uri') ?? config.lms.browserUrl);
      callback.searchParams.set('code', unknownCode);
      callback.searchParams.set('state', target.searchParams.get('state') ?? '');
      const since = new Date();
      const { status } = await pages.get(`${callback.pathname}${callback.search}`, cookie);
      const refusal = await findRefusal(examination, clientId, since);
      if (refusal === 'invalid_grant') return `Portico takes it from ${clientId}`;
      if (refusal === 'invalid_client')
        throw new Trouble(`Portico refuses the secret with which ${clientId} comes`, { problem: 'secret-mismatch' });
      throw new Trouble(
        refusal === undefined
          ? `the LMS (which answered ${status}) did not come to Portico for a token`
          : `Portico refuses ${clientId}: ${refusal}`,
        {
          advice: `At ${page} the newest row of "${config.lms.backend}" must have in its Other settings "ACCESS_TOKEN_URL" and "API_ROOT" with an address of Portico that the LMS itself reaches: portico configure-instance prints them. From a container of the LMS this must answer: curl ADDRESS/health/live. Portico must listen there (HOST) and accept that name (PORTICO_ALLOWED_HOSTS).`,
        },
      );
    },
    `Run: portico configure-instance … --new-secret, and set what it prints as Client Secret of the newest row "${config.lms.backend}" at ${page}; or leave it empty there and add to the LMS's settings: SOCIAL_AUTH_OAUTH_SECRETS = {"${config.lms.backend}": "SECRET"}`,
  );
}

/** In which OAuth error the LMS's token request ended. */
async function findRefusal({ orm }: Examination, clientId: string, since: Date): Promise<string | undefined> {
  const [event] = await orm.em
    .fork()
    .find(
      AuditEventEntity,
      { clientId, action: 'token.issued', outcome: { $ne: 'success' }, at: { $gte: since } },
      { orderBy: { at: 'desc' }, limit: 1 },
    );
  const error = event?.detail?.error;
  return typeof error === 'string' ? error : undefined;
}
