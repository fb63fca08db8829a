import type { AppContext } from '../../app/context.js';
import type { Connection } from '../configure-instance/lms-settings.js';
import { porticoSettings } from '../configure-instance/portico-settings.js';
import type { PluginValues } from './plugin-file.js';
import { pluginValues, settingsFor } from './plugin-values.js';
import { type WrittenFile, writePlugin } from './write-plugin.js';

/** A plugin that somebody wants. */
export interface PluginOrder {
  folder: string;
  /** What the one that lies there says. */
  earlier: Partial<Record<keyof PluginValues, string>>;
  /** No LMS is set yet, so that Portico's clients there are to be made up. */
  hasOnlySandbox: boolean;
}

/** Nothing listens there in the demo's stead; mail waits until the setting names a server. */
const mailServerToSet = 'smtp://localhost:1025';

/** Writes a Tutor plugin for this connection, with the settings that Portico needs to hold its other end. */
export async function placePlugin(
  { folder, earlier, hasOnlySandbox }: PluginOrder,
  connection: Connection,
  { config, secrets }: Pick<AppContext, 'config' | 'secrets'>,
  isDryRun: boolean,
): Promise<WrittenFile[]> {
  const clientSecret = connection.clientSecret ?? '';
  const values = pluginValues(
    { ...connection, clientSecret },
    config.lms.workerUsername,
    hasOnlySandbox ? undefined : secrets,
    earlier,
  );
  const settings = {
    ...porticoSettings(connection.place, config),
    ...settingsFor(values),
    // The ones that the client's secret is kept under; without the sandbox they must be set.
    ...(hasOnlySandbox && { PORTICO_SECRET_KEYS: secrets.keys.join(','), SMTP_URL: mailServerToSet }),
  };
  return writePlugin(folder, values, settings, { isDryRun });
}
