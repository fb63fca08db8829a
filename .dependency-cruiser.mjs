import { posix } from 'node:path';

/**
 * What may import what; `docs/architecture.md` shows the same table. Type-only imports count.
 * A row allows a folder the paths it lists, its own files and the leaves, and nothing else of `src/`.
 */
const leaves = ['errors.ts', 'logger.ts', 'clock.ts', 'words/'];

const rows = [
  {
    from: ['errors.ts', 'logger.ts', 'clock.ts', 'words/'],
    may: [],
    comment: 'Leaves are imported by everything, so they import nothing.',
  },
  { from: ['config/'], may: [], comment: 'Settings are read once and handed on; reading them needs no other part.' },
  { from: ['crypto/'], may: [], comment: 'Hashing and sealing know nothing of what they protect.' },
  { from: ['access/'], may: [], comment: 'The one policy that every door decides by depends on no door.' },
  { from: ['web/'], may: [], comment: 'Pages are data in, HTML out.' },
  {
    from: ['entities/'],
    may: ['../migrations/'],
    comment: 'Rows know the database, its migrations and each other only.',
  },
  { from: ['locks/'], may: [], comment: 'Locks are plain PostgreSQL.' },
  {
    from: ['changes/'],
    may: ['entities/prepared-statement.ts'],
    comment: 'A change is announced with its row and knows no reader.',
  },
  { from: ['redis/'], may: [], comment: 'The connection to Redis knows nothing of what is kept there.' },
  {
    from: ['datasources/'],
    may: ['entities/', 'crypto/', 'changes/', 'config/', 'redis/'],
    comment: 'Data sources read upstreams; rules about what was read are the business of services.',
  },
  {
    from: ['events.ts'],
    may: [],
    comment: 'A business fact becomes a log line and a counter, whoever reports it.',
  },
  {
    from: ['services/'],
    may: [
      'datasources/',
      'entities/',
      'jobs/queue.ts',
      'changes/',
      'access/',
      'crypto/',
      'locks/',
      'config/',
      'events.ts',
    ],
    comment: 'Rules know rows, upstreams and the queue, but no door through which they are asked.',
  },
  {
    from: ['resolvers/'],
    may: ['services/', 'datasources/', 'entities/', 'access/', 'changes/'],
    comment: 'The graph authorizes, calls a service or a data source, and returns.',
  },
  {
    from: ['oauth/'],
    may: [
      'services/',
      'jobs/queue.ts',
      'entities/base.ts',
      'entities/oidc-artifact.entity.ts',
      'entities/signing-key.entity.ts',
      'entities/oauth-consent.entity.ts',
      'entities/oauth-client.entity.ts',
      'entities/prepared-rows.ts',
      'entities/prepared-statement.ts',
      'access/',
      'crypto/',
      'changes/',
      'web/',
      'config/',
      'events.ts',
    ],
    comment: 'The provider owns its own rows and asks services for people.',
  },
  {
    from: ['event-bus/'],
    may: ['services/', 'entities/parked-event.entity.ts', 'redis/', 'config/', 'events.ts'],
    comment: 'The event bus is a door: it reads messages and hands what they are about to services.',
  },
  {
    from: ['jobs/'],
    may: ['services/', 'locks/'],
    comment: 'A job calls a service and lets its errors through.',
  },
  {
    from: ['pages/', 'rest/'],
    may: ['services/', 'datasources/', 'access/', 'web/', 'config/', 'events.ts'],
    comment: 'Pages and REST are doors: they ask services and show what came back.',
  },
  {
    from: ['http/'],
    may: ['resolvers/', 'oauth/', 'access/', 'web/error.page.ts', 'config/'],
    comment: 'The web server binds doors together and touches no row and no upstream.',
  },
  {
    from: ['embedded-postgres/'],
    may: ['crypto/'],
    comment: 'The embedded database knows nothing of what is kept in it.',
  },
];

/** Where parts are put together. */
const root = 'app/|main\\.ts|cli/';

const escapeDots = (path) => path.replaceAll('.', '\\.');
const inSource = (paths) => `^(${paths.map((path) => escapeDots(posix.join('src', path))).join('|')})`;

export default {
  forbidden: [
    ...rows.map(({ from, may, comment }) => ({
      name: `from-${from[0].replace(/\/|\.ts$/, '')}`,
      severity: 'error',
      comment,
      from: { path: inSource(from) },
      to: { path: '^(src|sandbox|migrations|test)/', pathNot: inSource([...from, ...may, ...leaves]) },
    })),
    {
      name: 'entities-as-types-in-the-graph',
      severity: 'error',
      comment: 'Object types of the graph are not rows: only the shape of a row may be known there.',
      from: { path: '^src/resolvers/' },
      to: { path: '^src/entities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'planners-are-pure',
      severity: 'error',
      comment:
        'A planner turns wanted keys into calls by arithmetic alone, so that it can be tested without any network.',
      from: { path: '^src/datasources/(.+/plan|cost/(estimates|cost-model|recorded-costs))\\.ts$' },
      to: { path: '.', pathNot: '^src/datasources/cost/estimates\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'jobs-are-thin',
      severity: 'error',
      comment:
        'The body of a job is a call of a service; what it must know of the queue is in jobs/queue and jobs/job.',
      from: { path: '^src/jobs/.+\\.job\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(services/|jobs/(queue|job)\\.ts$|logger\\.ts$|errors\\.ts$)' },
    },
    {
      name: 'sandbox-stands-alone',
      severity: 'error',
      comment: 'The sandbox is a second opinion about the LMS, so it shares no code with Portico.',
      from: { path: '^sandbox/' },
      to: { path: '^(src|test|migrations)/' },
    },
    {
      name: 'product-without-sandbox-and-tests',
      severity: 'error',
      comment: 'Portico runs without the sandbox and without its tests.',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(sandbox|test)/' },
    },
    {
      name: 'benchmarks-are-apart',
      severity: 'error',
      comment: 'Benchmarks measure the product and are no part of it, nor of its tests.',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'the-bare-peer-shares-nothing',
      severity: 'error',
      comment: 'What Portico is compared with owes it nothing but its settings.',
      from: { path: '^bench/oauth/peer(-storage)?\\.ts$' },
      to: { path: '^(src|sandbox|migrations|test)/' },
    },
    {
      name: 'nobody-imports-the-entry-points',
      severity: 'error',
      comment: 'Parts are put together in app, main and cli, so no part depends on those.',
      from: { pathNot: `^(src/(${root})|test/|bench/)` },
      to: { path: `^src/(${root})` },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one, or the shared part is a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      comment: 'An import that cannot be found fails at run time.',
      from: {},
      // One package holds types only.
      to: { couldNotResolve: true, pathNot: '^@graphql-typed-document-node/core$' },
    },
    {
      name: 'no-dev-dependencies-in-the-product',
      severity: 'error',
      comment: 'What runs in production is a dependency, not a devDependency.',
      from: { path: '^(src|sandbox|migrations)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
