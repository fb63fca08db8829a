import { Value } from 'typebox/value';
import { isLanguage, type Language } from '../words/languages.js';
import { choicesOf, type Environment, environmentSchema } from './env.js';
import { findMisspelled } from './misspelled.js';
import { Secrets } from './secrets.js';

/** Settings as the code uses them: typed, cross-checked, free of secrets (those are in {@link Secrets}). */
export interface Config {
  http: {
    port: number;
    host: string;
    /** Without trailing slash; the OAuth issuer. */
    publicUrl: string;
    trustedProxies: string[];
    /** Accepted as `Host` beside that of `publicUrl`. */
    allowedHosts: string[];
    allowedOrigins: string[];
    /** Lets OAuth clients on this very machine be called. */
    allowLoopbackCallbacks: boolean;
  };
  database: { url: string; poolSize: number };
  lms: {
    /** Without trailing slash, as Portico reaches the LMS. */
    baseUrl: string;
    /** Without trailing slash, as browsers reach the LMS. */
    browserUrl: string;
    /** Backend name in the LMS, e.g. `ol-oauth2`; the provider id is `oa2-` + this. */
    backend: string;
    socialLoginPath: string;
    clientName: string;
    workerUsername: string;
    /** Of a static token of the service worker, where an operator said so. */
    workerTokenExpiresAt: Date | undefined;
    enrollmentCallsPerMinute: number;
    courseListCallsPerMinute: number;
    /** Whether what it answered to one request is kept for the next ones. */
    keepsAnswers: boolean;
    registrationTokenSeconds: number;
    /** What is done about an LMS user who has the address of an account and is tied to nobody. */
    adoption: AdoptionPolicy;
    /** Whether the LMS is asked to take addresses from users of LTI launches. */
    fixesLtiUsers: boolean;
    logoutRedirectUrl: string;
  };
  discovery: {
    /** Without trailing slash; undefined: there is none. */
    baseUrl: string | undefined;
    /** Slugs of the types of programs that are taken over. */
    programTypes: readonly string[];
    /** How long what it said of a program is fresh. */
    maxAgeMs: number;
  };
  /** Where programs and their enrollments are read and written instead of Discovery and the LMS; undefined: there is none. */
  registrar:
    | {
        /** Without `/api` and trailing slash. */
        baseUrl: string;
        /** Where its result files may be, beside its own origin. */
        resultOrigins: readonly string[];
        /** How long one of its jobs may take. */
        jobMs: number;
      }
    | undefined;
  /** Where others leave the reports of programs; undefined: nowhere. */
  reports: { folder: string | undefined };
  timeouts: { tryMs: number; requestMs: number; jobMs: number };
  tokens: {
    /** `aud` of access tokens in JWT form. */
    jwtAudience: string;
    /** What the LMS puts into its own JWTs. */
    lms: {
      issuer: string;
      /** Undefined: they are not taken. */
      audience: string | undefined;
      jwksUrl: string;
    };
  };
  /** Its address is a secret. */
  eventBus: {
    topicPrefix: string;
    topics: readonly string[];
    consumerGroup: string;
    consumerName: string | undefined;
  };
  mail: { from: string };
  site: {
    name: string;
    logo: string | undefined;
    supportEmail: string | undefined;
    /** Languages of pages and mails; the first is for whoever reads none of them. */
    locales: readonly Language[];
    termsUrl: string | undefined;
    privacyUrl: string | undefined;
    termsVersion: string;
  };
  leaving: {
    /** From the request for deletion to the retirement. */
    deletionWaitDays: number;
    exportLifeDays: number;
  };
  graphql: { introspection: 'staff' | 'off' };
  throttles: {
    signInFailuresPerAccount: number;
    clientFailuresPerMinute: number;
    failuresPerAddressPerMinute: number;
    anonymousAuthorizationsPerMinute: number;
  };
  enrollment: {
    freeModes: readonly string[];
    /** What is tried in place of a mode that is not offered, in order. */
    modeFallbacks: ReadonlyMap<string, readonly string[]>;
    force: 'staff' | 'always' | 'never';
  };
  repair: { graceMs: number; pageSize: number; parallel: number; limit: number };
  schedule: {
    retryEnrollmentsSeconds: number;
    repairSeconds: number;
    /** The emergency switch of the repairs. */
    isRepairOff: boolean;
    /** Cron fields. */
    courseRunHours: string;
    courseRunDays: string;
    certificateHours: string;
    certificateDays: string;
    driftHours: string;
    driftDays: string;
    /** Names of schedules that are switched off, or `all`. */
    off: string[];
  };
  /** What has ended is kept so long: rows, and files that were made of them. */
  operations: { keptDays: number; fileKeptHours: number };
  jobs: {
    concurrency: number;
    bulkConcurrency: number;
    /** Of `/health` and `/metrics` of a process without a web half. */
    watchPort: number | undefined;
    maxAttempts: number;
  };
  log: { level: string };
}

export type AdoptionPolicy = 'never' | 'on-request' | 'automatic';

/** One error for all settings that are missing or wrong, so that an operator fixes them in one go. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(`These settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads and checks the environment. Pure: the same input gives the same answer.
 *
 * @param env - environment variables; empty strings count as unset
 * @returns settings and, apart from them, secrets
 * @throws {@link ConfigurationError} that lists every problem
 */
export function loadConfig(env: Record<string, string | undefined>): { config: Config; secrets: Secrets } {
  const { values, problems } = parseEnvironment(env);
  const secretKeys = splitList(values.PORTICO_SECRET_KEYS);
  const publicUrl = trimSlash(values.PORTICO_PUBLIC_URL ?? `http://localhost:${values.PORT}`);
  problems.push(...crossCheck(values, secretKeys, publicUrl));
  const given = Object.keys(env).filter((name) => env[name]);
  problems.push(...findMisspelled(given, Object.keys(environmentSchema.properties)));
  if (problems.length > 0) throw new ConfigurationError(problems);
  const lmsUrl = trimSlash(values.OPENEDX_API_BASE_URL ?? '');
  const config: Config = {
    http: {
      port: values.PORT,
      host: values.HOST,
      publicUrl,
      trustedProxies: splitList(values.PORTICO_TRUSTED_PROXIES),
      allowedHosts: splitList(values.PORTICO_ALLOWED_HOSTS),
      allowedOrigins: splitList(values.GRAPHQL_ALLOWED_ORIGINS),
      allowLoopbackCallbacks: values.PORTICO_ALLOW_LOOPBACK_CALLBACKS,
    },
    database: { url: values.DATABASE_URL ?? '', poolSize: values.DATABASE_POOL_SIZE },
    lms: {
      baseUrl: lmsUrl,
      browserUrl: trimSlash(values.OPENEDX_BASE_REDIRECT_URL ?? lmsUrl),
      backend: values.OPENEDX_OAUTH_PROVIDER,
      socialLoginPath: values.OPENEDX_SOCIAL_LOGIN_PATH,
      clientName: values.OPENEDX_OAUTH_APP_NAME,
      workerUsername: values.OPENEDX_SERVICE_WORKER_USERNAME,
      workerTokenExpiresAt: values.OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES
        ? new Date(values.OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES)
        : undefined,
      enrollmentCallsPerMinute: values.LMS_ENROLLMENT_CALLS_PER_MINUTE,
      courseListCallsPerMinute: values.LMS_COURSE_LIST_CALLS_PER_MINUTE,
      keepsAnswers: values.LMS_READ_CACHE === 'on',
      adoption: values.OPENEDX_ADOPT_ACCOUNTS,
      fixesLtiUsers: values.OPENEDX_FIX_LTI_USERS,
      registrationTokenSeconds: values.OPENEDX_TOKEN_EXPIRES_MINUTES * 60,
      logoutRedirectUrl:
        values.LOGOUT_REDIRECT_URL ?? `${trimSlash(values.OPENEDX_BASE_REDIRECT_URL ?? lmsUrl)}/logout`,
    },
    discovery: {
      baseUrl: values.DISCOVERY_API_BASE_URL && trimSlash(values.DISCOVERY_API_BASE_URL),
      programTypes: [...new Set(splitList(values.DISCOVERY_PROGRAM_TYPES))],
      maxAgeMs: values.DISCOVERY_MAX_AGE * 1000,
    },
    registrar: values.REGISTRAR_API_BASE_URL
      ? {
          baseUrl: registrarRoot(values.REGISTRAR_API_BASE_URL),
          resultOrigins: splitList(values.REGISTRAR_RESULT_ORIGINS),
          jobMs: values.REGISTRAR_JOB_TIMEOUT * 1000,
        }
      : undefined,
    reports: { folder: values.PROGRAM_REPORTS_FOLDER },
    timeouts: {
      tryMs: values.UPSTREAM_TRY_TIMEOUT,
      requestMs: values.UPSTREAM_REQUEST_TIMEOUT,
      jobMs: values.EDX_API_CLIENT_TIMEOUT * 1000,
    },
    tokens: {
      jwtAudience: values.PORTICO_JWT_AUDIENCE,
      lms: {
        issuer: values.OPENEDX_JWT_ISSUER ?? `${trimSlash(values.OPENEDX_BASE_REDIRECT_URL ?? lmsUrl)}/oauth2`,
        audience: values.OPENEDX_JWT_AUDIENCE,
        jwksUrl: values.OPENEDX_JWKS_URL ?? `${lmsUrl}/auth/jwks.json`,
      },
    },
    eventBus: {
      topicPrefix: values.OPENEDX_EVENT_BUS_TOPIC_PREFIX,
      topics: [...new Set(splitList(values.OPENEDX_EVENT_BUS_TOPICS))],
      consumerGroup: values.OPENEDX_EVENT_BUS_CONSUMER_GROUP,
      consumerName: values.OPENEDX_EVENT_BUS_CONSUMER_NAME,
    },
    mail: { from: values.MAIL_FROM },
    site: {
      name: values.PORTICO_SITE_NAME,
      logo: values.PORTICO_LOGO,
      supportEmail: values.PORTICO_SUPPORT_EMAIL,
      locales: [...new Set(splitList(values.PORTICO_LOCALES))].filter(isLanguage),
      termsUrl: values.PORTICO_TERMS_URL,
      privacyUrl: values.PORTICO_PRIVACY_URL,
      termsVersion: values.PORTICO_TERMS_VERSION,
    },
    leaving: { deletionWaitDays: values.PORTICO_DELETION_WAIT_DAYS, exportLifeDays: values.PORTICO_EXPORT_LIFE_DAYS },
    graphql: { introspection: values.GRAPHQL_INTROSPECTION },
    throttles: {
      signInFailuresPerAccount: values.SIGN_IN_FAILURES_PER_ACCOUNT,
      clientFailuresPerMinute: values.CLIENT_FAILURES_PER_MINUTE,
      failuresPerAddressPerMinute: values.FAILURES_PER_ADDRESS_PER_MINUTE,
      anonymousAuthorizationsPerMinute: values.ANONYMOUS_AUTHORIZATIONS_PER_MINUTE,
    },
    enrollment: {
      freeModes: splitList(values.ENROLLMENT_FREE_MODES),
      modeFallbacks: new Map(
        splitList(values.ENROLLMENT_MODE_FALLBACKS).map((chain) => {
          const [mode = '', ...fallbacks] = splitChain(chain);
          return [mode, fallbacks];
        }),
      ),
      force:
        values.ENROLLMENT_FORCE === 'always' || values.ENROLLMENT_FORCE === 'never' ? values.ENROLLMENT_FORCE : 'staff',
    },
    repair: {
      graceMs: values.EDX_REPAIR_GRACE_SECONDS * 1000,
      pageSize: values.EDX_REPAIR_PAGE_SIZE,
      parallel: values.EDX_REPAIR_PARALLEL,
      limit: values.EDX_REPAIR_LIMIT,
    },
    schedule: {
      retryEnrollmentsSeconds: values.RETRY_FAILED_EDX_ENROLLMENT_FREQUENCY,
      repairSeconds: values.REPAIR_OPENEDX_USERS_FREQUENCY ?? values.REPAIR_COURSEWARE_USERS_FREQUENCY ?? 1_800,
      isRepairOff: values.DISABLE_USER_REPAIR_TASK,
      courseRunHours: values.CRON_COURSERUN_SYNC_HOURS,
      courseRunDays: values.CRON_COURSERUN_SYNC_DAYS,
      certificateHours: values.CRON_COURSE_CERTIFICATES_HOURS,
      certificateDays: values.CRON_COURSE_CERTIFICATES_DAYS,
      driftHours: values.CRON_DRIFT_CHECK_HOURS,
      driftDays: values.CRON_DRIFT_CHECK_DAYS,
      off: splitList(values.DISABLE_SCHEDULES),
    },
    operations: {
      keptDays: values.OPERATION_RETENTION_DAYS,
      fileKeptHours: values.OPERATION_FILE_RETENTION_HOURS,
    },
    jobs: {
      concurrency: values.WORKER_CONCURRENCY,
      bulkConcurrency: values.WORKER_BULK_CONCURRENCY,
      watchPort: values.WORKER_WATCH_PORT,
      maxAttempts: values.EDX_CREATE_MAX_ATTEMPTS,
    },
    log: { level: String(values.LOG_LEVEL) },
  };
  return {
    config,
    secrets: new Secrets({
      keys: secretKeys,
      smtpUrl: values.SMTP_URL,
      redisUrl: values.REDIS_URL,
      eventBusRedisUrl: values.OPENEDX_EVENT_BUS_REDIS_URL,
      lmsApiClient: credentials(values.OPENEDX_API_CLIENT_ID, values.OPENEDX_API_CLIENT_SECRET),
      lmsWorkerClient: credentials(
        values.OPENEDX_SERVICE_WORKER_CLIENT_ID,
        values.OPENEDX_SERVICE_WORKER_CLIENT_SECRET,
      ),
      lmsRetirementClient: credentials(
        values.OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID,
        values.OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET,
      ),
      lmsWorkerToken: values.OPENEDX_SERVICE_WORKER_API_TOKEN,
      lmsMoreWorkers: splitList(values.OPENEDX_MORE_SERVICE_WORKERS).map((entry) => {
        const [username = '', clientId = '', ...secret] = entry.split(':');
        return { username, clientId, clientSecret: secret.join(':') };
      }),
      lmsJwtSecret: values.OPENEDX_JWT_SECRET_KEY,
      lmsRegistrationToken: values.OPENEDX_REGISTRATION_ACCESS_TOKEN,
    }),
  };
}

function parseEnvironment(env: Record<string, string | undefined>): { values: Environment; problems: string[] } {
  const known = Object.keys(environmentSchema.properties);
  const given = Object.fromEntries(known.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const values = Value.Default(environmentSchema, Value.Convert(environmentSchema, given));
  const settings = new Map<string, unknown>(Object.entries(environmentSchema.properties));
  const problems = [...Value.Errors(environmentSchema, values)].map(({ instancePath, message }) => {
    const name = instancePath.slice(1);
    const choices = choicesOf(settings.get(name));
    return `${name || 'environment'} ${choices ? `must be ${choices.join(' or ')}` : message}`;
  });
  // Of a choice each word is an error of its own.
  return { values: values as Environment, problems: [...new Set(problems)] };
}

function crossCheck(values: Environment, secretKeys: string[], publicUrl: string): string[] {
  const problems: string[] = [];
  const demand = (name: keyof Environment, why: string) => {
    if (!values[name]) problems.push(`${name} is not set: ${why}`);
  };
  demand('DATABASE_URL', 'the PostgreSQL database to use (npm start brings its own)');
  demand('OPENEDX_API_BASE_URL', 'the LMS to use (npm start brings a sandbox)');
  demand('OPENEDX_API_CLIENT_ID', "Portico's OAuth client at the LMS");
  demand('OPENEDX_API_CLIENT_SECRET', 'the secret of OPENEDX_API_CLIENT_ID');
  demand('SMTP_URL', 'the mail server that sends confirmation mails');
  demand('PORTICO_SECRET_KEYS', 'at least one secret of 32 or more characters');
  if (!values.OPENEDX_SERVICE_WORKER_API_TOKEN && !values.OPENEDX_SERVICE_WORKER_CLIENT_ID)
    problems.push(
      'OPENEDX_SERVICE_WORKER_CLIENT_ID is not set: the service worker needs it with its secret, or OPENEDX_SERVICE_WORKER_API_TOKEN',
    );
  for (const worker of ['OPENEDX_SERVICE_WORKER', 'OPENEDX_RETIREMENT_SERVICE_WORKER'] as const)
    if (Boolean(values[`${worker}_CLIENT_ID`]) !== Boolean(values[`${worker}_CLIENT_SECRET`]))
      problems.push(`${worker}_CLIENT_ID and ${worker}_CLIENT_SECRET belong together: set both or neither`);
  for (const [index, entry] of splitList(values.OPENEDX_MORE_SERVICE_WORKERS).entries())
    if (!/^[^:]+:[^:]+:.+$/.test(entry))
      problems.push(`OPENEDX_MORE_SERVICE_WORKERS entry ${index + 1} is not username:client_id:client_secret`);
  for (const [index, key] of secretKeys.entries())
    if (key.length < 32) problems.push(`PORTICO_SECRET_KEYS entry ${index + 1} is shorter than 32 characters`);
  const { protocol, hostname, pathname } = parseUrl(publicUrl);
  if (pathname !== '/') problems.push(`PORTICO_PUBLIC_URL is ${publicUrl}: it must have no path`);
  if (protocol === 'http:' && !/^(localhost|127\.|\[::1\])|\.local(host)?$|\.odl\.local$/.test(hostname))
    problems.push(`PORTICO_PUBLIC_URL is ${publicUrl}: outside localhost it must be https`);
  for (const name of ['GRAPHQL_ALLOWED_ORIGINS', 'REGISTRAR_RESULT_ORIGINS'] as const)
    for (const origin of splitList(values[name]))
      if (!URL.canParse(origin) || new URL(origin).origin !== origin)
        problems.push(
          `${name} holds ${origin}: name each origin in full, like https://app.example.edu; there are no wildcards`,
        );
  if (values.OPERATION_FILE_RETENTION_HOURS > values.OPERATION_RETENTION_DAYS * 24)
    problems.push(
      `OPERATION_FILE_RETENTION_HOURS is ${values.OPERATION_FILE_RETENTION_HOURS}: files are not kept longer than their operations, for which OPERATION_RETENTION_DAYS says ${values.OPERATION_RETENTION_DAYS}`,
    );
  problems.push(...checkRegistrar(values, publicUrl));
  for (const chain of splitList(values.ENROLLMENT_MODE_FALLBACKS))
    if (splitChain(chain).length < 2 || !splitChain(chain).every((mode) => /^[a-z][a-z0-9-]*$/.test(mode)))
      problems.push(
        `ENROLLMENT_MODE_FALLBACKS holds ${chain}: a chain is modes with > between them, like verified>audit`,
      );
  const { OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES: tokenEnd } = values;
  if (tokenEnd && Number.isNaN(Date.parse(tokenEnd)))
    problems.push(`OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES is ${tokenEnd}: there is no such day`);
  if (values.UPSTREAM_TRY_TIMEOUT > values.UPSTREAM_REQUEST_TIMEOUT)
    problems.push('UPSTREAM_TRY_TIMEOUT is longer than UPSTREAM_REQUEST_TIMEOUT');
  return problems;
}

/** Portico's own REST API is a Registrar's too: asked for its programs, it would ask itself for ever. */
function checkRegistrar(values: Environment, publicUrl: string): string[] {
  const url = values.REGISTRAR_API_BASE_URL;
  if (!url) return [];
  const { host, hostname, port, protocol } = parseUrl(url);
  const own = [parseUrl(publicUrl).host, ...splitList(values.PORTICO_ALLOWED_HOSTS)];
  const thisMachine = ['localhost', '[::1]', '0.0.0.0', values.HOST].includes(hostname) || hostname.startsWith('127.');
  const isOwnPort = Number(port || (protocol === 'https:' ? 443 : 80)) === values.PORT;
  return [
    ...(own.includes(host) || (thisMachine && isOwnPort)
      ? [
          `REGISTRAR_API_BASE_URL is ${url}: that is Portico itself, which would ask itself for ever. Name the Registrar's own address, or leave it unset: programs then come from Discovery, enrollments from the LMS`,
        ]
      : []),
    ...(values.OPENEDX_SERVICE_WORKER_CLIENT_ID
      ? []
      : [
          'REGISTRAR_API_BASE_URL needs OPENEDX_SERVICE_WORKER_CLIENT_ID with its secret: a Registrar takes the JWTs that the LMS issues to OAuth clients, and no static token',
        ]),
  ];
}

/** Its documents name both its root and the root of its API. */
function registrarRoot(url: string): string {
  return trimSlash(trimSlash(url).replace(/\/api$/, ''));
}

function parseUrl(value: string): Pick<URL, 'protocol' | 'host' | 'hostname' | 'port' | 'pathname'> {
  return URL.canParse(value) ? new URL(value) : { protocol: '', host: '', hostname: '', port: '', pathname: '/' };
}

function credentials(clientId: string | undefined, clientSecret: string | undefined) {
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item.length > 0);
}

function splitChain(chain: string): string[] {
  return chain.split('>').map((mode) => mode.trim());
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
