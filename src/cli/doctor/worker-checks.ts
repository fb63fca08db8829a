import { requestToken } from '../../datasources/lms/token-endpoint.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { adminPage, type Examination } from './examination.js';
import { type Finding, find, skipped, Trouble } from './finding.js';
import { askWhoHolds } from './token-holder.js';

/** Whether the LMS takes the service worker's client and token, and gives the worker what staff may read. */
export async function checkWorker(examination: Examination): Promise<Finding[]> {
  const credentials = await Promise.all([checkClient(examination), checkStaticToken(examination)].flat());
  const present = credentials.filter((finding) => finding !== undefined);
  const [first] = present.filter(({ status }) => status !== 'ok');
  // With a client at hand the token is not needed, however bad it is.
  const isUsable = examination.secrets.lmsWorkerClient ? present[0]?.status === 'ok' : first === undefined;
  if (!isUsable) return [...present, skipped('service worker rights', first?.name ?? 'service worker')];
  return [...present, await checkRights(examination)];
}

async function checkClient(examination: Examination): Promise<Finding | undefined> {
  const { secrets, client, config } = examination;
  const worker = secrets.lmsWorkerClient;
  if (!worker) return undefined;
  const page = adminPage(examination, 'oauth2_provider/application/');
  return find(
    'service worker client',
    async () => {
      const outcome = await requestToken(
        { call: client.request },
        worker,
        { grant_type: 'client_credentials', token_type: 'jwt' },
        { purpose: 'request', isIdempotent: true },
      );
      if (outcome.kind === 'granted') return `the LMS takes ${worker.clientId}`;
      const code = outcome.kind === 'misconfigured' ? outcome.code : outcome.kind;
      throw new Trouble(`the LMS refuses ${worker.clientId}: ${code}`, {
        ...(code === 'invalid_client' && { problem: 'secret-mismatch' }),
      });
    },
    `At ${page} the application ${worker.clientId} must have Client type "Confidential", Authorization grant type "Client credentials", User ${config.lms.workerUsername}, and the secret of OPENEDX_SERVICE_WORKER_CLIENT_SECRET; there must be no Restricted application for it.`,
  );
}

async function checkStaticToken(examination: Examination): Promise<Finding | undefined> {
  const { secrets, config } = examination;
  const token = secrets.lmsWorkerToken;
  if (!token) return undefined;
  const page = adminPage(examination, 'oauth2_provider/accesstoken/');
  const alternative = secrets.lmsWorkerClient
    ? 'Or leave it out: the client of OPENEDX_SERVICE_WORKER_CLIENT_ID does without.'
    : 'Better, make a client with the grant "Client credentials" and set OPENEDX_SERVICE_WORKER_CLIENT_ID and _SECRET: it never expires.';
  return find(
    'service worker token',
    async () => {
      const holder = await askWhoHolds(examination.client, token);
      if (holder.kind === 'refused')
        throw new Trouble(
          holder.code === 'token_expired'
            ? 'OPENEDX_SERVICE_WORKER_API_TOKEN has expired'
            : `the LMS refuses OPENEDX_SERVICE_WORKER_API_TOKEN: ${holder.code}`,
          { ...(holder.code === 'token_expired' && { problem: 'token-expired' }) },
        );
      if (holder.username !== config.lms.workerUsername)
        throw new Trouble(`the token is ${holder.username}'s, not ${config.lms.workerUsername}'s`);
      return `the LMS takes it for ${holder.username}`;
    },
    `At ${page} find the token of ${config.lms.workerUsername} (or make one) and set its Expires to a far day, e.g. 2040-01-01; then set OPENEDX_SERVICE_WORKER_API_TOKEN to it. ${alternative}`,
  );
}

function checkRights(examination: Examination): Promise<Finding> {
  const { api, config } = examination;
  const worker = config.lms.workerUsername;
  const page = adminPage(examination, `auth/user/?q=${encodeURIComponent(worker)}`);
  return find(
    'service worker rights',
    async () => {
      const [known] = await api.accountsByUsername([worker], { purpose: 'request' });
      if (!known)
        throw new Trouble(`the LMS has no active user ${worker}`, {
          advice: `Set OPENEDX_SERVICE_WORKER_USERNAME to the LMS user who owns the client or the token, or make the user: manage.py lms manage_user ${worker} ${worker}@example.org --staff --superuser --unusable-password (Tutor: tutor local do createuser --staff --superuser ${worker} ${worker}@example.org).`,
        });
      await api.listEnrollments({ usernames: [worker] }, { purpose: 'request' }).catch(refuseAsNotStaff(worker));
      return `${worker} may read enrollments`;
    },
    `At ${page} tick "Staff status" and "Superuser status" of ${worker}, or run: manage.py lms manage_user ${worker} EMAIL --staff --superuser`,
  );
}

function refuseAsNotStaff(worker: string) {
  return (error: unknown): never => {
    if (error instanceof UpstreamUnavailableError && error.why === 'credentials' && error.status === 403)
      throw new Trouble(`${worker} is not staff: the LMS does not let it read other people's enrollments`, {
        problem: 'worker-not-staff',
      });
    throw error;
  };
}
