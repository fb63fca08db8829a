import type { Command } from 'commander';
import { type CommandContext, openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
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
  const { client, courseRuns, connection } = await configure(opened, platform, options);
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
    ...(options.check ? [] : settingLines(connection, settings)),
  ]);
  const isAsWished = [client, ...courseRuns].every(({ outcome }) => outcome === 'unchanged');
  if (options.check && !isAsWished) process.exitCode = 1;
}

async function configure({ context }: CommandContext, platform: Platform, options: ConfigureInstanceOptions) {
  const { config, secrets } = context;
  const place = locate(platform, options, config);
  const isDryRun = options.check ?? false;
  const client = await configureLmsClient(context, {
    redirectUris: place.redirectUris,
    clientId: options.edxOauthClient,
    secret: options.edxOauthSecret,
    wantsNewSecret: options.newSecret,
    isDryRun,
  });
  const courseRuns = await configureCourseRuns(context, { isDryRun });
  const connection: Connection = {
    place,
    backend: config.lms.backend,
    siteName: config.site.name,
    clientId: client.clientId,
    clientSecret: client.newSecret ?? options.edxOauthSecret,
    apiClientId: secrets.lmsApiClient?.clientId ?? '',
  };
  return { client, courseRuns, connection };
}

function requireGateway(platform: Platform, { gateway, tutor }: ConfigureInstanceOptions, command: Command): void {
  if (platform !== 'linux' || gateway) return;
  const network = tutor ? 'tutor_local_default' : 'tutor_dev_default';
  command.error(
    `On Linux say with --gateway how the LMS's containers reach this machine. This finds it: docker network inspect ${network} --format '{{(index .IPAM.Config 0).Gateway}}'`,
    { exitCode: 2, code: 'portico.gateway' },
  );
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
