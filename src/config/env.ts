import { type Static, Type } from 'typebox';

const url = (options: { description: string; default?: string; examples?: string[] }) =>
  Type.String({ pattern: '^https?://[^\\s/]+', ...options });
const seconds = (description: string, value: number) =>
  Type.Integer({ minimum: 1, default: value, description: `${description} (seconds)` });
const milliseconds = (description: string, value: number) =>
  Type.Integer({ minimum: 1, default: value, description: `${description} (milliseconds)` });

/** Numbers, ranges and steps, as in cron. */
const cronField = '^(\\*|\\d{1,2}(-\\d{1,2})?)(/[1-9]\\d?)?(,(\\*|\\d{1,2}(-\\d{1,2})?)(/[1-9]\\d?)?)*$';

const place = {
  PORT: Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: 8053,
    description: 'Port to listen on.',
  }),
  HOST: Type.String({
    default: '::',
    description: 'Address to listen on; with the sandbox, localhost unless set.',
  }),
  PORTICO_PUBLIC_URL: Type.Optional(
    url({
      description:
        'The URL under which people and the LMS reach Portico; it is the OAuth issuer. Must be https outside localhost. Default: http://localhost:PORT.',
      examples: ['https://portico.example.edu'],
    }),
  ),
  PORTICO_TRUSTED_PROXIES: Type.String({
    default: '',
    description: 'Comma list of addresses or CIDR ranges whose X-Forwarded-* headers are believed.',
    examples: ['10.0.0.0/8'],
  }),
  PORTICO_ALLOWED_HOSTS: Type.String({
    default: '',
    description:
      'Comma list of further host[:port] values under which Portico may be called, e.g. its name inside a container network; who asks for the discovery document there is told endpoints there.',
    examples: ['portico:8053,host.docker.internal:8053'],
  }),
  PORTICO_ALLOW_LOOPBACK_CALLBACKS: Type.Boolean({
    default: false,
    description:
      'Lets OAuth clients on the same machine be told of sign-outs, for trying them out. Never in production: whoever registers a client could have Portico call services of its own host.',
  }),
};

const database = {
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      description: 'PostgreSQL 14 or newer. Unset: an embedded PostgreSQL in .portico/.',
      examples: ['postgres://portico:secret@db.example.edu:5432/portico'],
    }),
  ),
  DATABASE_POOL_SIZE: Type.Integer({
    minimum: 2,
    default: 16,
    description: 'Most database connections of one process.',
  }),
  PORTICO_HOME: Type.String({ default: '.portico', description: 'Folder for the embedded database and the sandbox.' }),
  SANDBOX_LMS_PORT: Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: 18_000,
    description: 'Port of the sandbox LMS, where npm start brings one.',
  }),
  SANDBOX_DISCOVERY_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: "Port of the sandbox's Discovery. Unset: 18381, or any free one where SANDBOX_LMS_PORT is set.",
    }),
  ),
  SANDBOX_REGISTRAR_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: "Port of the sandbox's Registrar. Unset: 18734, or any free one where SANDBOX_LMS_PORT is set.",
    }),
  ),
  SANDBOX_IDENTITY_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description:
        "Port of the sandbox's university, where learners sign in. Unset: 18900, or any free one where SANDBOX_LMS_PORT is set.",
    }),
  ),
  SANDBOX_SMTP_PORT: Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: 18_025,
    description: "Port of the sandbox's mail catcher.",
  }),
};

const secrets = {
  PORTICO_SECRET_KEYS: Type.Optional(
    Type.String({
      description:
        'Comma list of secrets of at least 32 characters, newest first: cookies are signed and secrets at rest encrypted with the first, the others are still accepted. Made up where neither a database nor an LMS is configured.',
    }),
  ),
};

const lms = {
  OPENEDX_API_BASE_URL: Type.Optional(
    url({
      description: 'Base URL of the LMS. Unset: the sandbox LMS is started.',
      examples: ['https://courses.example.edu'],
    }),
  ),
  OPENEDX_BASE_REDIRECT_URL: Type.Optional(
    url({ description: 'Base URL of the LMS as browsers see it, when it differs from OPENEDX_API_BASE_URL.' }),
  ),
  OPENEDX_OAUTH_PROVIDER: Type.String({ default: 'ol-oauth2', description: 'Backend name of Portico in the LMS.' }),
  OPENEDX_SOCIAL_LOGIN_PATH: Type.String({
    default: '/auth/login/ol-oauth2/?auth_entry=login',
    description: 'Path of the LMS at which single sign-on begins.',
  }),
  OPENEDX_OAUTH_APP_NAME: Type.String({
    default: 'edx-oauth-app',
    description: "Name of the LMS's OAuth client in Portico.",
  }),
  OPENEDX_API_CLIENT_ID: Type.Optional(
    Type.String({ description: "Portico's OAuth client at the LMS (authorization code, for learners' API tokens)." }),
  ),
  OPENEDX_API_CLIENT_SECRET: Type.Optional(Type.String({ description: 'Its secret.' })),
  OPENEDX_SERVICE_WORKER_USERNAME: Type.String({
    default: 'portico_worker',
    description: "Username of the service worker, an LMS user with staff rights; sent to the LMS's course list.",
  }),
  OPENEDX_SERVICE_WORKER_CLIENT_ID: Type.Optional(
    Type.String({ description: "The service worker's OAuth client at the LMS (client credentials)." }),
  ),
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: Type.Optional(Type.String({ description: 'Its secret.' })),
  OPENEDX_SERVICE_WORKER_API_TOKEN: Type.Optional(
    Type.String({ description: 'A static access token of the service worker, instead of its OAuth client.' }),
  ),
  OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}$',
      description:
        'Day on which OPENEDX_SERVICE_WORKER_API_TOKEN ends, as the LMS shows it, so that Portico warns in time. A JWT says it itself.',
      examples: ['2027-06-30'],
    }),
  ),
  OPENEDX_MORE_SERVICE_WORKERS: Type.Optional(
    Type.String({
      description:
        'More LMS users with staff rights that share the calls that the LMS counts for each user by itself, as a comma list of username:client_id:client_secret (client credentials). Each brings as many calls a minute as the service worker has.',
      examples: ['portico_worker_2:portico-worker-2:secret'],
    }),
  ),
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: Type.Optional(
    Type.String({
      description:
        'OAuth client (client credentials) of the LMS user that may retire others (RETIREMENT_SERVICE_WORKER_USERNAME there). Unset: the service worker tries, and staff are told what it may not do.',
    }),
  ),
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: Type.Optional(Type.String({ description: 'Its secret.' })),
  OPENEDX_ADOPT_ACCOUNTS: Type.Union([Type.Literal('never'), Type.Literal('on-request'), Type.Literal('automatic')], {
    default: 'on-request',
    description:
      'What happens when the e-mail address that somebody confirmed here belongs to an LMS user whom nothing ties to Portico. `on-request`: a conflict, until the person or support asks for that user. `automatic`: tied without asking. `never`: a conflict that only another address resolves. A user who is tied to somebody else is never given away.',
  }),
  OPENEDX_FIX_LTI_USERS: Type.Boolean({
    default: false,
    description:
      'Whether Portico asks the LMS (`POST /api/lti-user-fix/` of the plug-in ol_openedx_lti_utilities) to take an e-mail address from a user that was made for an LTI launch, when that user stands in the way of a registration.',
  }),
  OPENEDX_REGISTRATION_ACCESS_TOKEN: Type.Optional(
    Type.String({ description: 'Sent as X-Access-Token with each registration, for an edge in front of the LMS.' }),
  ),
  LOGOUT_REDIRECT_URL: Type.Optional(
    url({
      description: 'Where sign-out continues. Default: /logout of the LMS.',
      examples: ['https://courses.example.edu/logout'],
    }),
  ),
  EDX_API_CLIENT_TIMEOUT: seconds('Longest wait for one answer of an upstream in a job', 60),
  UPSTREAM_TRY_TIMEOUT: milliseconds('Longest wait for one try of an upstream call that a person waits for', 3000),
  UPSTREAM_REQUEST_TIMEOUT: milliseconds(
    'Longest wait for an upstream call that a person waits for, retries included',
    8000,
  ),
  LMS_ENROLLMENT_CALLS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 115,
    description: 'Most enrollment API calls a minute of the service worker (the LMS refuses the 121st).',
  }),
  LMS_COURSE_LIST_CALLS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 38,
    description: 'A course list call waits while the service worker made this many counted calls in the last minute.',
  }),
  LMS_READ_CACHE: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description:
      'With `off`, each request asks the LMS itself for what learners are shown, and none of its answers are kept: to find out whether a wrong value comes from the LMS or from what was kept of it. Each page costs its calls then, and while the LMS cannot be asked nothing but enrollments stands in for it.',
  }),
  OPENEDX_TOKEN_EXPIRES_MINUTES: Type.Integer({
    minimum: 1,
    maximum: 60,
    default: 5,
    description: 'Life of the access token minted for one registration call (minutes).',
  }),
};

const tokens = {
  PORTICO_JWT_AUDIENCE: Type.String({
    default: 'portico',
    pattern: '^[\\x21-\\x7e]+$',
    description:
      'Audience (aud) of access tokens in JWT form. Clients that check it against what their LMS says need the same here.',
    examples: ['openedx'],
  }),
  OPENEDX_JWT_AUDIENCE: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]+$',
      description:
        "Audience (aud) of the LMS's own JWTs (JWT_AUDIENCE there). With it, the REST API for partners takes them as `Authorization: JWT`, for the account that is tied to their LMS user. Unset: it does not; with the sandbox, the sandbox's.",
      examples: ['openedx'],
    }),
  ),
  OPENEDX_JWT_ISSUER: Type.Optional(
    Type.String({
      description:
        "Issuer (iss) of the LMS's own JWTs (JWT_ISSUER there). Default: /oauth2 of OPENEDX_BASE_REDIRECT_URL or OPENEDX_API_BASE_URL.",
      examples: ['https://courses.example.edu/oauth2'],
    }),
  ),
  OPENEDX_JWKS_URL: Type.Optional(
    url({
      description:
        'Where the LMS publishes the keys that it signs JWTs with. Default: /auth/jwks.json of OPENEDX_API_BASE_URL.',
      examples: ['https://courses.example.edu/auth/jwks.json'],
    }),
  ),
  OPENEDX_JWT_SECRET_KEY: Type.Optional(
    Type.String({
      minLength: 16,
      description:
        "Secret of the LMS's JWTs that are signed with HS256 (JWT_SECRET_KEY there), which it issues to whoever does not ask for `asymmetric_jwt=true`. Unset: only those that its published keys prove are taken.",
    }),
  ),
};

const redisUrl = (description: string, example: string) =>
  Type.Optional(Type.String({ pattern: '^rediss?://[^\\s/]+', description, examples: [example] }));

const programs = {
  DISCOVERY_API_BASE_URL: Type.Optional(
    url({
      description:
        'Base URL of Course Discovery, which describes the programs. It is asked in the name of the service worker, with the JWT of its OAuth client. Unset: programs are known by what is told here; with the sandbox, its own.',
      examples: ['https://discovery.example.edu'],
    }),
  ),
  DISCOVERY_PROGRAM_TYPES: Type.String({
    default: 'masters,micromasters,professional-certificate,microbachelors,xseries',
    pattern: '^[a-z0-9-]+(,[a-z0-9-]+)*$',
    description: 'Comma list of the types (slugs) whose active programs are taken over from Discovery.',
  }),
  DISCOVERY_MAX_AGE: seconds(
    'How long what Discovery, or the Registrar, said of a program is fresh; older, it is asked again',
    3600,
  ),
  REGISTRAR_API_BASE_URL: Type.Optional(
    url({
      description:
        'Base URL of a Registrar, with or without `/api`. Programs, their course runs and the enrollments in them are then read and written there, in the name of the service worker, with the JWT of its OAuth client, and no more in Discovery and in the program enrollments of the LMS. Not Portico itself, which has the same API. Unset: Discovery and the LMS.',
      examples: ['https://registrar.example.edu'],
    }),
  ),
  REGISTRAR_RESULT_ORIGINS: Type.String({
    default: '',
    description:
      'Comma list of origins where the Registrar keeps the files that its jobs leave, e.g. its bucket; its own is one. Files elsewhere are not fetched.',
    examples: ['https://registrar-bucket.s3.amazonaws.com'],
  }),
  REGISTRAR_JOB_TIMEOUT: seconds(
    'How long a job of the Registrar may take, waiting for its turn included; it ends them itself after 300',
    330,
  ),
  PROGRAM_REPORTS_FOLDER: Type.Optional(
    Type.String({
      pattern: '^/',
      description:
        "Absolute path of the folder with the reports of programs: Registrar's bucket of reports, mounted or synchronised, with files at `reports_v2/{organization}/{id of the program without dashes}/{name}__{YYYY-MM-DD}.{extension}`. Every web process needs it, to read. Unset: no program has reports.",
      examples: ['/srv/program-reports'],
    }),
  ),
};

const redis = {
  REDIS_URL: redisUrl(
    'Redis or Valkey that all Portico processes share, for what was read of the LMS and for limits of calls. Unset: each process for itself. While it is away, Portico works as without it.',
    'redis://:secret@redis.example.edu:6379/0',
  ),
  OPENEDX_EVENT_BUS_REDIS_URL: redisUrl(
    "Redis of the Open edX event bus: the LMS's EVENT_BUS_REDIS_CONNECTION_URL, as Portico reaches it. Unset: no bus; the LMS is asked again when what was read of it is old.",
    'redis://:secret@redis.example.edu:6379/1',
  ),
  OPENEDX_EVENT_BUS_TOPIC_PREFIX: Type.String({
    default: '',
    description:
      "The LMS's EVENT_BUS_TOPIC_PREFIX: with `prod`, the topic `learning` is read from the stream `prod-learning`.",
    examples: ['prod'],
  }),
  OPENEDX_EVENT_BUS_TOPICS: Type.String({
    default: 'learning,learning-certificate-lifecycle,course-unenrollment-lifecycle,course-catalog-info-changed',
    pattern: '^[^\\s,]+(,[^\\s,]+)*$',
    description:
      "Comma list of the topics to read, without the prefix: those that the LMS's EVENT_BUS_PRODUCER_CONFIG names. What else comes on them is passed over.",
  }),
  OPENEDX_EVENT_BUS_CONSUMER_GROUP: Type.String({
    default: 'portico',
    pattern: '^\\S+$',
    description:
      'Consumer group of all processes of one installation. Two installations on one bus need two, or each gets half of the events.',
  }),
  OPENEDX_EVENT_BUS_CONSUMER_NAME: Type.Optional(
    Type.String({
      pattern: '^\\S+$',
      description:
        "This process's name in the group; no two processes may share one. Default: host name and a random part.",
      examples: ['portico-worker-1'],
    }),
  ),
};

const mail = {
  SMTP_URL: Type.Optional(
    Type.String({
      pattern: '^smtps?://',
      description: 'SMTP server for outgoing mail.',
      examples: ['smtps://user:secret@mail.example.edu'],
    }),
  ),
  MAIL_FROM: Type.String({ default: 'Portico <no-reply@localhost>', description: 'Sender of outgoing mail.' }),
};

const site = {
  PORTICO_SITE_NAME: Type.String({ default: 'Portico', description: 'Name of the site on pages and in mails.' }),
  PORTICO_LOCALES: Type.String({
    default: 'en,es',
    pattern: '^(en|es)(,(en|es))*$',
    description:
      'Comma list of the languages that pages and mails are offered in; the first is for people who read none of them.',
  }),
  PORTICO_LOGO: Type.Optional(url({ description: 'Logo shown on pages.' })),
  PORTICO_SUPPORT_EMAIL: Type.Optional(
    Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$', description: 'Address that pages and mails offer for help.' }),
  ),
  PORTICO_TERMS_URL: Type.Optional(url({ description: 'Terms of service; agreement is asked at registration.' })),
  PORTICO_PRIVACY_URL: Type.Optional(url({ description: 'Privacy notice.' })),
  PORTICO_TERMS_VERSION: Type.String({
    default: '1',
    description: 'Version of the terms that is stored with each agreement.',
  }),
};

const leaving = {
  PORTICO_DELETION_WAIT_DAYS: Type.Integer({
    minimum: 0,
    maximum: 365,
    default: 14,
    description:
      'Time between a request for deletion and the retirement of the account, in which the person can take it back (days).',
  }),
  PORTICO_EXPORT_LIFE_DAYS: Type.Integer({
    minimum: 1,
    maximum: 90,
    default: 7,
    description: 'How long a copy of their data is kept for a person to download (days).',
  }),
};

const graphql = {
  GRAPHQL_INTROSPECTION: Type.Union([Type.Literal('staff'), Type.Literal('off')], {
    default: 'staff',
    description: 'Who may introspect the schema and open the playground: staff and above, or nobody.',
  }),
  GRAPHQL_ALLOWED_ORIGINS: Type.String({
    default: '',
    description: 'Comma list of web origins that may call GraphQL from a browser, beside the public URL itself.',
  }),
};

const throttles = {
  SIGN_IN_FAILURES_PER_ACCOUNT: Type.Integer({
    minimum: 1,
    default: 10,
    description: 'Failed sign-ins allowed per account and address in 15 minutes.',
  }),
  CLIENT_FAILURES_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 20,
    description: 'Failed client authentications allowed per client and address in a minute.',
  }),
  FAILURES_PER_ADDRESS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 300,
    description: 'All failures allowed of one address in a minute.',
  }),
  ANONYMOUS_AUTHORIZATIONS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 1000,
    description:
      'Sign-ins for applications that people who are not signed in may begin from one network in a minute, for each process.',
  }),
};

const enrollment = {
  ENROLLMENT_FREE_MODES: Type.String({
    default: 'audit,honor',
    description: 'Enrollment modes that learners may choose themselves; any other is given by STAFF.',
  }),
  ENROLLMENT_MODE_FALLBACKS: Type.String({
    default: 'no-id-professional>audit',
    description:
      'What to enroll in when a course run does not offer a mode, or no longer: a comma list of chains, each a mode and what comes in its place, e.g. `verified>honor>audit`.',
  }),
  ENROLLMENT_FORCE: Type.Union(
    ['staff', 'always', 'never'].map((word) => Type.Literal(word)),
    {
      default: 'staff',
      description:
        'Who is enrolled in spite of a closed window: whom STAFF enroll so explicitly (`staff`), everybody (`always`), nobody (`never`).',
    },
  ),
};

const jobs = {
  WORKER_CONCURRENCY: Type.Integer({
    minimum: 1,
    default: 8,
    description: 'Jobs that one worker process runs at a time.',
  }),
  WORKER_WATCH_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description:
        'Port on which a process that only works (portico worker) answers /health and /metrics, and nothing else. Unset: it does not.',
      examples: [9464],
    }),
  ),
  EDX_CREATE_MAX_ATTEMPTS: Type.Integer({
    minimum: 1,
    default: 5,
    description: 'Tries of an edX account or enrollment that fail for reasons of their own, before a person must act.',
  }),
  WORKER_BULK_CONCURRENCY: Type.Integer({
    minimum: 1,
    default: 2,
    description:
      'Jobs of many rows (operations, sweeps, repairs) that one worker process runs at a time, beside the interactive ones.',
  }),
  EDX_REPAIR_LIMIT: Type.Integer({
    minimum: 1,
    default: 10_000,
    description: 'Most learners of one scheduled repair.',
  }),
  EDX_REPAIR_GRACE_SECONDS: Type.Integer({
    minimum: 0,
    default: 300,
    description:
      'Accounts younger than this are left out when learners without an LMS user or API token are looked for (seconds).',
  }),
  EDX_REPAIR_PAGE_SIZE: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 1_000,
    description: 'Learners that a repair looks up at a time.',
  }),
  EDX_REPAIR_PARALLEL: Type.Integer({
    minimum: 1,
    maximum: 32,
    default: 4,
    description: 'Learners that a repair works on at a time, unless it is told otherwise.',
  }),
  OPERATION_RETENTION_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3650,
    default: 90,
    description: 'How long finished operations are kept, with their rows (days).',
  }),
  OPERATION_FILE_RETENTION_HOURS: Type.Integer({
    minimum: 1,
    maximum: 8760,
    default: 24,
    description:
      'How long the file that an operation made can be downloaded (hours). Files hold personal data; they go with their operation at the latest.',
  }),
  LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least severity that is logged.' },
  ),
};

const hours = (value: string, what: string) =>
  Type.String({ pattern: cronField, default: value, description: `Hours (UTC, cron field) at which ${what}.` });
const days = (what: string) =>
  Type.String({ pattern: cronField, default: '*', description: `Days of the week (cron field) on which ${what}.` });

const schedules = {
  RETRY_FAILED_EDX_ENROLLMENT_FREQUENCY: seconds('How often enrollments that wait without a job are tried again', 1800),
  REPAIR_OPENEDX_USERS_FREQUENCY: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'How often learners without an LMS user or API token are repaired, half a period after the enrollments (seconds). Default: 1800.',
    }),
  ),
  REPAIR_COURSEWARE_USERS_FREQUENCY: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Another name of REPAIR_OPENEDX_USERS_FREQUENCY, used where that is unset.',
    }),
  ),
  DISABLE_USER_REPAIR_TASK: Type.Boolean({
    default: false,
    description: 'The emergency switch of the scheduled repairs of learners.',
  }),
  CRON_COURSERUN_SYNC_HOURS: hours('0', 'the course runs are synchronised, ten minutes past'),
  CRON_COURSERUN_SYNC_DAYS: days('the course runs are synchronised'),
  CRON_COURSE_CERTIFICATES_HOURS: hours(
    '0',
    'grades and certificates are pulled, twenty-five minutes past; `*`: every hour',
  ),
  CRON_COURSE_CERTIFICATES_DAYS: days('grades and certificates are pulled'),
  CRON_DRIFT_CHECK_HOURS: hours('3', 'every link is compared with the LMS, forty minutes past'),
  CRON_DRIFT_CHECK_DAYS: days('every link is compared with the LMS'),
  DISABLE_SCHEDULES: Type.String({
    default: '',
    pattern: '^([a-z-]+(,[a-z-]+)*)?$',
    description:
      'Comma list of the schedules that are switched off, by the names that `portico schedules` prints; or all.',
    examples: ['sync-course-runs,check-drift'],
  }),
};

/** The settings in the order and under the headings of the documentation. */
export const settingGroups = [
  { title: 'Where Portico is', settings: place },
  { title: 'Database and sandbox', settings: database },
  { title: 'Secrets', settings: secrets },
  { title: 'The LMS', settings: lms },
  { title: 'Programs', settings: programs },
  { title: 'Tokens', settings: tokens },
  { title: 'Redis', settings: redis },
  { title: 'Mail', settings: mail },
  { title: 'Look and words', settings: site },
  { title: 'Leaving', settings: leaving },
  { title: 'GraphQL', settings: graphql },
  { title: 'Throttles', settings: throttles },
  { title: 'Enrollment', settings: enrollment },
  { title: 'Schedules', settings: schedules },
  { title: 'Jobs and logs', settings: jobs },
];

/**
 * Every environment variable that Portico reads: name, type, default and meaning. `docs/configuration.md` and `.env.example`
 * are printed from here. An empty string counts as unset.
 */
export const environmentSchema = Type.Object({
  ...place,
  ...database,
  ...secrets,
  ...lms,
  ...programs,
  ...tokens,
  ...redis,
  ...mail,
  ...site,
  ...leaving,
  ...graphql,
  ...throttles,
  ...enrollment,
  ...schedules,
  ...jobs,
});

export type Environment = Static<typeof environmentSchema>;

/** The words that a setting may be, where it is a choice of words. */
export function choicesOf(setting: unknown): string[] | undefined {
  return Type.IsUnion(setting)
    ? setting.anyOf.flatMap((option) => (Type.IsLiteral(option) ? String(option.const) : []))
    : undefined;
}
