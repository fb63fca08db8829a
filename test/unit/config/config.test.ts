import { expect, test } from 'vitest';
import { ConfigurationError, loadConfig } from '../../../src/config/config.js';

const complete = {
  DATABASE_URL: 'postgres://portico@db.example.edu/portico',
  OPENEDX_API_BASE_URL: 'https://lms.example.edu/',
  OPENEDX_API_CLIENT_ID: 'portico-api',
  OPENEDX_API_CLIENT_SECRET: 'api-client-secret',
  OPENEDX_SERVICE_WORKER_CLIENT_ID: 'portico-worker',
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: 'worker-client-secret',
  PORTICO_SECRET_KEYS: 'a-secret-key-of-more-than-32-characters',
  PORTICO_PUBLIC_URL: 'https://portico.example.edu',
  SMTP_URL: 'smtp://mail.example.edu',
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

test('complete settings are accepted, slashes at the end of addresses removed', () => {
  const { config } = loadConfig(complete);
  expect(config.lms.baseUrl).toBe('https://lms.example.edu');
  expect(config.lms.logoutRedirectUrl).toBe('https://lms.example.edu/logout');
});

test('a Registrar is named by its root or by that of its API', () => {
  const registrarOf = (url: string) => loadConfig({ ...complete, REGISTRAR_API_BASE_URL: url }).config.registrar;
  for (const url of ['https://registrar.example.edu', 'https://registrar.example.edu/api/'])
    expect(registrarOf(url)).toEqual({ baseUrl: 'https://registrar.example.edu', resultOrigins: [], jobMs: 330_000 });
  expect(loadConfig(complete).config.registrar).toBeUndefined();
});

test('everything that is missing is named at once', () => {
  const problems = problemsOf({}).join('\n');
  for (const name of [
    'DATABASE_URL',
    'OPENEDX_API_BASE_URL',
    'OPENEDX_API_CLIENT_ID',
    'OPENEDX_API_CLIENT_SECRET',
    'OPENEDX_SERVICE_WORKER_CLIENT_ID',
    'PORTICO_SECRET_KEYS',
    'SMTP_URL',
  ])
    expect(problems).toContain(`${name} is not set`);
});

test('an empty value counts as unset', () => {
  expect(problemsOf({ ...complete, SMTP_URL: '' })).toEqual([expect.stringContaining('SMTP_URL is not set')]);
});

test.each([
  [{ PORT: 'many' }, 'PORT'],
  [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL'],
  [{ PORTICO_PUBLIC_URL: 'http://portico.example.edu' }, 'must be https'],
  [{ PORTICO_PUBLIC_URL: 'https://example.edu/portico' }, 'must have no path'],
  [{ PORTICO_SECRET_KEYS: 'short' }, 'entry 1 is shorter than 32 characters'],
  [{ OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '' }, 'belong together'],
  [
    { OPERATION_FILE_RETENTION_HOURS: '25', OPERATION_RETENTION_DAYS: '1' },
    'OPERATION_FILE_RETENTION_HOURS is 25: files are not kept longer than their operations, for which OPERATION_RETENTION_DAYS says 1',
  ],
  [{ UPSTREAM_TRY_TIMEOUT: '9000' }, 'UPSTREAM_TRY_TIMEOUT is longer than UPSTREAM_REQUEST_TIMEOUT'],
  [{ PORTICO_PUBIC_URL: 'https://x.example.edu' }, 'PORTICO_PUBIC_URL is not a setting: is PORTICO_PUBLIC_URL meant?'],
  [{ OPENEDX_API_BASEURL: 'https://x.example.edu' }, 'OPENEDX_API_BASEURL is not a setting'],
  [{ REGISTRAR_API_BASE_URL: 'https://portico.example.edu/api' }, 'that is Portico itself'],
  [{ REGISTRAR_API_BASE_URL: 'http://localhost:8053' }, 'that is Portico itself'],
  [{ REGISTRAR_API_BASE_URL: 'http://127.0.0.1:8053/' }, 'that is Portico itself'],
  [{ REGISTRAR_API_BASE_URL: 'http://gate:8053', PORTICO_ALLOWED_HOSTS: 'gate:8053' }, 'that is Portico itself'],
  [{ REGISTRAR_API_BASE_URL: 'registrar.example.edu' }, 'REGISTRAR_API_BASE_URL'],
  [
    {
      REGISTRAR_API_BASE_URL: 'https://registrar.example.edu',
      OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
      OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
      OPENEDX_SERVICE_WORKER_API_TOKEN: 'static',
    },
    'REGISTRAR_API_BASE_URL needs OPENEDX_SERVICE_WORKER_CLIENT_ID',
  ],
  [{ REGISTRAR_RESULT_ORIGINS: 'https://bucket.example.edu/files' }, 'REGISTRAR_RESULT_ORIGINS holds'],
  [{ OPENEDX_SERVICE_WORKER_API_TOKEN_EXPIRES: '2027-13-45' }, 'there is no such day'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  [{ GRAPHQL_INTROSPECTION: 'everybody' }, 'GRAPHQL_INTROSPECTION'],
  [{ GRAPHQL_ALLOWED_ORIGINS: 'https://app.example.edu,*' }, 'there are no wildcards'],
  [{ GRAPHQL_ALLOWED_ORIGINS: 'https://app.example.edu/' }, 'name each origin in full'],
])('%o is refused, saying what is wrong', (settings, message) => {
  expect(problemsOf({ ...complete, ...settings }).join('\n')).toContain(message);
});

test('of a setting with a choice of words one line tells the choice', () => {
  expect(problemsOf({ ...complete, LMS_READ_CACHE: 'maybe', LOG_LEVEL: 'loud' })).toEqual([
    'LMS_READ_CACHE must be on or off',
    expect.stringMatching(/^LOG_LEVEL must be \w+ or .*\binfo\b/),
  ]);
});

test('names that are not ours, and not nearly, are left alone', () => {
  // As containers get them of a service by the name of portico.
  expect(
    problemsOf({
      ...complete,
      PORTICO_SERVICE_HOST: '10.0.0.1',
      PORTICO_PORT: 'tcp://10.0.0.1:8053',
      PORTICO_ADMIN_PASSWORD: 'for a file that is applied',
      OPENEDX_COURSE_BASE_URL: 'https://courses.example.edu/learn/course/',
    }),
  ).toEqual([]);
});

test('secrets print as nothing', () => {
  const { config, secrets } = loadConfig(complete);
  const printed = JSON.stringify({ config, secrets });
  for (const secret of ['api-client-secret', 'worker-client-secret', 'a-secret-key'])
    expect(printed).not.toContain(secret);
});
