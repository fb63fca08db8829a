import type { Config } from '../../config/config.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import { type Finding, find, UnexpectedAnswerError } from './finding.js';

/** Whether the LMS is up, takes the service worker's token, and gives it what staff may read. */
export async function checkLms(api: LmsApi, { baseUrl, workerUsername }: Config['lms']): Promise<Finding[]> {
  const heartbeat = await find(
    'LMS',
    async () => {
      const { parts } = await api.heartbeat({ purpose: 'request' });
      return `${baseUrl} is up (${Object.keys(parts).join(', ')})`;
    },
    `Check OPENEDX_API_BASE_URL (${baseUrl}), and that the LMS runs and answers /heartbeat from this machine.`,
  );
  if (!heartbeat.isWell) return [heartbeat];
  const token = await find(
    'service worker token',
    async () => {
      const [worker] = await api.accountsByUsername([workerUsername], { purpose: 'request' });
      if (!worker) throw new UnexpectedAnswerError(`the LMS has no active user ${workerUsername}`);
      return `the LMS knows ${workerUsername}`;
    },
    (error) =>
      isAboutCredentials(error)
        ? 'Check OPENEDX_SERVICE_WORKER_CLIENT_ID and _SECRET (a confidential client with the grant client_credentials, owned by the worker), or OPENEDX_SERVICE_WORKER_API_TOKEN and its expiry.'
        : `Check OPENEDX_SERVICE_WORKER_USERNAME: an active LMS user of that name owns the client or the token.`,
  );
  if (!token.isWell) return [heartbeat, token];
  const staff = await find(
    'service worker rights',
    async () => {
      await api.listEnrollments({ usernames: [workerUsername] }, { purpose: 'request' });
      return `${workerUsername} may read enrollments`;
    },
    `Give the LMS user ${workerUsername} staff and superuser rights: manage.py lms manage_user ${workerUsername} EMAIL --staff --superuser`,
  );
  return [heartbeat, token, staff];
}

function isAboutCredentials(error: unknown): boolean {
  return (
    (error instanceof UpstreamUnavailableError && error.why === 'credentials') ||
    (error instanceof UpstreamRejectedError && [401, 403].includes(error.status))
  );
}
