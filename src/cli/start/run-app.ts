import { type App, createApp } from '../../app/app.js';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../logger.js';
import { identitySecretOf } from '../demo/demo-secrets.js';
import { refuseDemoPeople } from '../demo/refuse-demo-people.js';
import { seedDemo } from '../demo/seed-demo.js';
import { migrateEmbedded } from '../embedded-migrations.js';
import type { Project } from '../project.js';

/** Brings the embedded database to the newest schema and starts web and worker, demo people first. */
export async function runApp(project: Project, config: Config, logger: Logger): Promise<App> {
  if (project.plan.hasEmbeddedDatabase) await migrateEmbedded(config);
  const { secrets, demoSecrets, sandboxPlace } = project;
  const university = demoSecrets &&
    sandboxPlace && { url: sandboxPlace.identityUrl, clientSecret: identitySecretOf(demoSecrets) };
  return createApp({
    config,
    secrets,
    logger,
    prepare: demoSecrets ? (context) => seedDemo(context, demoSecrets, university) : refuseDemoPeople,
  });
}
