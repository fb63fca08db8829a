import type { ClientCredentials, Secrets } from '../../config/secrets.js';
import { generateClientSecret } from '../../services/oauth-client/secret.js';
import type { Connection } from '../configure-instance/lms-settings.js';
import type { PluginValues } from './plugin-file.js';

type Earlier = Partial<Record<keyof PluginValues, string>>;

/**
 * What the plugin tells the LMS: with Portico's own clients there as they are set, or, while Portico has only its sandbox, with
 * new ones, which its settings must then get, too.
 *
 * @param secrets - undefined while there is no LMS but the sandbox
 * @param earlier - of the plugin that was written before, whose secrets stay
 */
export function pluginValues(
  connection: Connection & { clientSecret: string },
  workerUsername: string,
  secrets: Pick<Secrets, 'lmsApiClient' | 'lmsWorkerClient'> | undefined,
  earlier: Earlier,
): PluginValues {
  const api = secrets?.lmsApiClient ?? madeUp('portico-api', earlier.API_CLIENT_SECRET);
  const worker = secrets?.lmsWorkerClient ?? madeUp('portico-worker', earlier.WORKER_CLIENT_SECRET);
  return {
    PUBLIC_URL: connection.place.porticoUrl,
    INTERNAL_URL: connection.place.porticoUrlInside,
    SITE_NAME: connection.siteName,
    BACKEND: connection.backend,
    LMS_CLIENT_ID: connection.clientId,
    LMS_CLIENT_SECRET: connection.clientSecret,
    API_CLIENT_ID: api.clientId,
    API_CLIENT_SECRET: api.clientSecret,
    WORKER_USERNAME: workerUsername,
    WORKER_CLIENT_ID: worker.clientId,
    WORKER_CLIENT_SECRET: worker.clientSecret,
  };
}

function madeUp(clientId: string, secret: string | undefined): ClientCredentials {
  return { clientId, clientSecret: secret || generateClientSecret() };
}

/** The settings of Portico that hold the other ends of these values. */
export function settingsFor(values: PluginValues): Record<string, string> {
  return {
    OPENEDX_API_CLIENT_ID: values.API_CLIENT_ID,
    OPENEDX_API_CLIENT_SECRET: values.API_CLIENT_SECRET,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: values.WORKER_CLIENT_ID,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: values.WORKER_CLIENT_SECRET,
  };
}
