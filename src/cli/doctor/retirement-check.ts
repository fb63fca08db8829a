import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { type Finding, find, Trouble } from './finding.js';

/**
 * Whether the LMS would retire its user when somebody's account here is deleted. An installation may leave that to the LMS's
 * operators, so this fails only where a client for it is set.
 */
export function checkRetirement(api: Pick<LmsApi, 'mayRetire' | 'readiness'>, hasOwnClient: boolean): Promise<Finding> {
  return find(
    'retirement at the LMS',
    async () => {
      if (!api.mayRetire) return 'left to its operators: Portico has only a token there that does not open it';
      const readiness = await api.readiness({ purpose: 'request' });
      if (readiness === 'ready') return 'the LMS lets Portico ask for it';
      const { seen, remedy } = obstacles[readiness];
      if (!hasOwnClient) return `left to its operators: ${seen}`;
      throw new Trouble(seen, { advice: remedy });
    },
    'Check OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID and _SECRET: a confidential client of the LMS with the grant client_credentials.',
  );
}

const obstacles = {
  'not-allowed': {
    seen: 'the LMS does not let this client retire people',
    remedy:
      "Make the client's owner the LMS user of RETIREMENT_SERVICE_WORKER_USERNAME in the LMS's settings, or a superuser.",
  },
  'no-states': {
    seen: 'the LMS has no retirement states',
    remedy: 'In the LMS run: manage.py lms populate_retirement_states',
  },
} as const;
