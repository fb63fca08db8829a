import type { Config } from '../../config/config.js';
import type { Place } from './place.js';

/** The settings of Portico that belong to this place, beside secrets. */
export function porticoSettings(
  { porticoUrl, porticoUrlInside, lmsUrl }: Place,
  { lms, http }: Config,
): Record<string, string> {
  const isElsewhere = porticoUrlInside !== porticoUrl;
  return {
    PORTICO_PUBLIC_URL: porticoUrl,
    PORT: String(http.port),
    // Not only loopback: the LMS comes from its container network, and by another name.
    ...(isElsewhere && {
      HOST: '0.0.0.0',
      PORTICO_ALLOWED_HOSTS: [...new Set([...http.allowedHosts, new URL(porticoUrlInside).host])].join(','),
    }),
    OPENEDX_API_BASE_URL: lmsUrl,
    OPENEDX_OAUTH_PROVIDER: lms.backend,
    OPENEDX_SOCIAL_LOGIN_PATH: `/auth/login/${lms.backend}/?auth_entry=login`,
    LOGOUT_REDIRECT_URL: `${lmsUrl}/logout`,
    OPENEDX_SERVICE_WORKER_USERNAME: lms.workerUsername,
  };
}
