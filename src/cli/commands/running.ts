import type { Command } from 'commander';
import { examples, jsonOption } from './options.js';

/** What runs Portico, and what it needs before it runs. */
export function addRunningCommands(portico: Command): void {
  portico
    .command('start')
    .description(
      'run everything: web and worker, with PostgreSQL and a sandbox LMS of its own unless they are configured',
    )
    .addHelpText('after', examples('npm start', 'PORT=9000 portico start'))
    .action(async () => (await import('../start/start.js')).start());

  portico
    .command('web')
    .description('run the web half with the configured database and LMS')
    .addHelpText('after', examples('DATABASE_URL=postgres://… portico web'))
    .action(async () => (await import('../web-and-worker.js')).runParts({ web: true }));

  portico
    .command('worker')
    .description('run the background jobs with the configured database and LMS')
    .addHelpText('after', examples('WORKER_CONCURRENCY=16 portico worker'))
    .action(async () => (await import('../web-and-worker.js')).runParts({ worker: true }));

  portico
    .command('migrate')
    .description('bring the database to the newest schema; several at once do no harm')
    .addOption(jsonOption())
    .addHelpText('after', examples('portico migrate', 'portico migrate --json'))
    .action(async (options) => (await import('../migrate.js')).migrateDatabase(options));

  portico
    .command('print-schema')
    .description('print the GraphQL schema (SDL) of this version')
    .addHelpText('after', examples('portico print-schema > schema/schema.graphql'))
    .action(async () => (await import('../print-schema.js')).printSchema());
}
