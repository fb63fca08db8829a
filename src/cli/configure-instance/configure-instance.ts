import { join } from 'node:path';
import type { Command } from 'commander';
import type { AppContext } from '../../app/context.js';
import { openContext } from '../command-context.js';
import { homeFolder, readEnvironment } from '../environment.js';
import { printAnswer } from '../output.js';
import { planRun } from '../start/run-plan.js';
import { type PluginOrder, placePlugin } from '../tutor/place-plugin.js';
import { readEarlierPlugin, type WrittenFile } from '../tutor/write-plugin.js';
import { type ConfiguredCourseRun, configureCourseRuns } from './course-runs.js';
import { type ConfiguredClient, configureLmsClient } from './lms-client.js';
import { apiApplication, type Connection, otherSettings, privatePy, providerRow } from './lms-settings.js';
import { locate, type PlaceOptions, type Platform } from './place.js';
import { porticoSettings } from './portico-settings.js';

export interface ConfigureInstanceOptions extends PlaceOptions {
  edxOauthClient?: string;
  edxOauthSecret?: string;
  newSecret?: boolean;
  check?: boolean;
  /** A folder, or true for the one in Portico's home. */
  tutorPlugin?: string | boolean;
  json: boolean;
}

/**
 * `portico configure-instance`: makes or completes what Portico has of an LMS, and says what the LMS must have of Portico. Safe
 * to repeat; with `check` it changes nothing, and fails when there is something to change.
 *
 * @param command - told, with exit code 2, when the gateway is left out where it cannot be known
 */
export async function configureInstance(
  platform: Platform,
  options: ConfigureInstanceOptions,
  command: Command,
): Promise<void> {
  requireGateway(platform, options, command);
  await using opened = await openContext();
  const { client, courseRuns, connection, plugin } = await configure(opened.context, platform, options);
  const settings = porticoSettings(connection.place, opened.context.config);
  const answer = {
    client: {
      clientId: client.clientId,
      outcome: client.outcome,
      changed: client.changed,
      redirectUris: client.redirectUris,
    },
    ...(client.newSecret !== undefined && { clientSecret: client.newSecret }),
    courseRuns,
    ...(plugin && { tutorPlugin: plugin }),
    portico: settings,
    lms: {
      application: apiApplication(connection),
      privatePy: privatePy(connection),
      provider: providerRow(connection),
      otherSettings: otherSettings(connection),
    },
  };
  printAnswer(options.json, answer, [
    ...outcomeLines(client, courseRuns),
    ...(options.check ? [] : plugin ? pluginLines(plugin) : settingLines(connection, settings)),
  ]);
  const isAsWished = [client, ...courseRuns, ...(plugin ?? [])].every(({ outcome }) => outcome === 'unchanged');
  if (options.check && !isAsWished) process.exitCode = 1;
}

async function configure(context: AppContext, platform: Platform, options: ConfigureInstanceOptions) {
  const { config, secrets } = context;
  const place = locate(platform, options, config);
  const isDryRun = options.check ?? false;
  const order = await orderPlugin(options);
  const client = await configureLmsClient(context, {
    redirectUris: place.redirectUris,
    clientId: options.edxOauthClient,
    secret: options.edxOauthSecret ?? (options.newSecret ? undefined : order?.earlier.LMS_CLIENT_SECRET),
    // A plugin must hold one, and those that are there cannot be read.
    wantsNewSecret:
      options.newSecret ?? (order !== undefined && !options.edxOauthSecret && !order.earlier.LMS_CLIENT_SECRET),
    isDryRun,
  });
  const courseRuns = await configureCourseRuns(context, { isDryRun });
  const connection: Connection = {
    place,
    backend: config.lms.backend,
    siteName: config.site.name,
    clientId: client.clientId,
    clientSecret: client.newSecret ?? options.edxOauthSecret ?? order?.earlier.LMS_CLIENT_SECRET,
    apiClientId: secrets.lmsApiClient?.clientId ?? '',
  };
  const plugin = order && (await placePlugin(order, connection, context, isDryRun));
  return { client, courseRuns, connection, plugin };
}

function requireGateway(platform: Platform, { gateway, tutor }: ConfigureInstanceOptions, command: Command): void {
  if (platform !== 'linux' || gateway) return;
  const network = tutor ? 'tutor_local_default' : 'tutor_dev_default';
  command.error(
    `On Linux say with --gateway how the LMS's containers reach this machine. This finds it: docker network inspect ${network} --format '{{(index .IPAM.Config 0).Gateway}}'`,
    { exitCode: 2, code: 'portico.gateway' },
  );
}

async function orderPlugin({ tutorPlugin }: ConfigureInstanceOptions): Promise<PluginOrder | undefined> {
  if (!tutorPlugin) return undefined;
  const env = readEnvironment();
  const folder = tutorPlugin === true ? join(homeFolder(env), 'tutor') : tutorPlugin;
  return { folder, earlier: await readEarlierPlugin(folder), hasOnlySandbox: planRun(env).hasSandbox };
}

function pluginLines(files: readonly WrittenFile[]): string[] {
  const [plugin, settings] = files.map(({ path }) => path);
  return [
    ...files.map(({ path, outcome }) => `${path}: ${outcome}`),
    '',
    'In Tutor (the LMS is built anew, which takes some minutes):',
    `  cp ${plugin} "$(tutor plugins printroot)" && tutor plugins enable portico`,
    '  tutor images build openedx-dev && tutor dev launch --non-interactive',
    '',
    `Here: put ${settings} into .env, start Portico, then: portico doctor --round-trip`,
  ];
}

function outcomeLines(client: ConfiguredClient, courseRuns: readonly ConfiguredCourseRun[]): string[] {
  const changed = client.outcome === 'updated' ? ` (${client.changed.join(', ')})` : '';
  return [
    `client ${client.clientId}: ${client.outcome}${changed}`,
    ...client.redirectUris.map((uri) => `  redirect URI ${uri}`),
    ...(client.newSecret === undefined
      ? []
      : [`  client secret ${client.newSecret}`, '  It is shown this once. Older ones stay valid.']),
    ...courseRuns.map(({ courseKey, outcome }) => `course run ${courseKey}: ${outcome}`),
  ];
}

function settingLines(connection: Connection, settings: Record<string, string>): string[] {
  const { lmsUrl } = connection.place;
  const rows = (row: Record<string, string | boolean>) =>
    Object.entries(row).map(([label, value]) => `  ${label}: ${value === true ? 'tick' : value}`);
  return [
    '',
    "Portico's settings (.env):",
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '',
    "The LMS's settings (lms/envs/private.py):",
    privatePy(connection).trimEnd(),
    '',
    `An application at ${lmsUrl}/admin/oauth2_provider/application/add/:`,
    ...rows(apiApplication(connection)),
    '',
    `A provider at ${lmsUrl}/admin/third_party_auth/oauth2providerconfig/add/:`,
    ...rows(providerRow(connection)),
    '',
    'Then see whether it holds: portico doctor --round-trip',
  ];
}
