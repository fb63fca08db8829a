import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { ForbiddenError, InvalidInputError, UpstreamUnavailableError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';
import { presentError, reportErrors } from '../../../src/resolvers/errors.js';

const thrown = (originalError: Error, path = ['viewer', 'email']) =>
  new GraphQLError(originalError.message, { originalError, path });

test('our own errors keep message, code and what a client may branch on', () => {
  expect(presentError(thrown(new InvalidInputError('Bad name.', { field: ['name'], reason: 'BLANK' })))).toEqual({
    message: 'Bad name.',
    path: ['viewer', 'email'],
    extensions: { code: 'BAD_USER_INPUT', retryable: false, field: ['name'], reason: 'BLANK' },
  });
  const outage = new UpstreamUnavailableError('The LMS does not answer.', { upstream: 'lms', why: 'timeout' });
  expect(presentError(thrown(outage)).extensions).toEqual({
    code: 'UPSTREAM_UNAVAILABLE',
    retryable: true,
    upstream: 'lms',
  });
});

test('anything else is masked, under the id of the request', () => {
  const leak = new TypeError("password 'hunter2' is not a function");
  expect(presentError(thrown(leak), 'request-1')).toEqual({
    message: 'Internal server error',
    path: ['viewer', 'email'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, requestId: 'request-1' },
  });
  const coded = new GraphQLError('secret', { extensions: { code: 'ECONNREFUSED', stacktrace: ['secret'] } });
  expect(JSON.stringify(presentError(coded))).not.toContain('secret');
});

test('errors of the protocol keep their code; what was sent is not repeated', () => {
  const invalid = new GraphQLError('Syntax Error', {
    extensions: { code: 'GRAPHQL_PARSE_FAILED', validationErrors: [{ target: { password: 'hunter2' } }] },
  });
  expect(presentError(invalid)).toEqual({ message: 'Syntax Error', extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
  const renamed = new GraphQLError('No.', { extensions: { code: 'UNAUTHORIZED' }, path: ['x'] });
  expect(presentError(renamed).extensions).toEqual({ code: 'FORBIDDEN' });
});

test('a fault that strikes many fields is logged once, a refusal is no error', () => {
  const lines: { level: number; msg: string }[] = [];
  const logger = createLogger('trace', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const fault = new Error('a bug');
  reportErrors([thrown(fault), thrown(fault, ['b']), thrown(new ForbiddenError())], logger);
  expect(lines.map((line) => line.level)).toEqual([50, 30]);
});
