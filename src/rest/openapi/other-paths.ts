import {
  type ApiOperation,
  type ApiPaths,
  away,
  binary,
  fileBody,
  json,
  jsonBody,
  pathPart,
  query,
  tokenWith,
} from './operation.js';

const ownRefusals = {
  401: json('No access token, or none that is good.', 'Problem', 'OAuthError'),
  403: json('The caller lacks the right or the scope.', 'Problem', 'OAuthError'),
};

/** People, the LMS's ID mapping, files, and the LMS's announcements: what stands in `src/rest/` beside the Registrar's API. */
export function otherPaths(): ApiPaths {
  return {
    '/api/users/me': {
      get: {
        operationId: 'getCurrentUser',
        tags: ['People'],
        summary: 'Tells who the access token stands for.',
        security: tokenWith('user:read'),
        responses: {
          200: json('The person.', 'User'),
          400: json('The access token came in the address.', 'OAuthError'),
          ...ownRefusals,
          503: away[503] ?? json('Away.', 'Problem'),
        },
      },
    },
    '/api/v0/userinfo': {
      get: {
        operationId: 'getCurrentUserForLms',
        tags: ['People'],
        summary: 'The same, for an LMS that is set up by the discovery document.',
        security: tokenWith('user:read'),
        responses: {
          200: json('The person.', 'User'),
          400: json('The access token came in the address.', 'OAuthError'),
          ...ownRefusals,
          409: json('The person has no account in the LMS.', 'OAuthError'),
          503: away[503] ?? json('Away.', 'Problem'),
        },
      },
    },
    '/api/third_party_auth/v0/providers/{provider_id}/users': {
      get: {
        operationId: 'listThirdPartyMappings',
        tags: ['ID mapping'],
        summary: 'Tells which LMS user is whom at an identity provider.',
        description: 'Names come with commas between them, or by repeating the parameter; either filter will do.',
        security: tokenWith('tpa:read'),
        parameters: [
          pathPart('provider_id', 'Of the identity provider, e.g. oa2-ol-oauth2.'),
          query('username', 'Usernames in the LMS.'),
          query('remote_id', 'Ids at the provider.'),
          query('page', 'From 1, or `last`.'),
          query('page_size', '10 unless it is a positive number; at most 100.'),
        ],
        responses: {
          200: json('A page of the mapping.', 'Mapping'),
          401: json('No credentials, or none that are good.', 'Detail', 'BadToken'),
          403: json('The caller may not read this provider.', 'Detail'),
          404: json('There is no such provider, or no such page.', 'Detail', 'Problem'),
          ...away,
        },
      },
    },
    '/api/uploads': {
      post: {
        operationId: 'createUpload',
        tags: ['Files'],
        summary: 'Takes a CSV file, to 100 MB, for the upload mutations of the graph.',
        security: tokenWith('programs:write'),
        requestBody: fileBody,
        responses: {
          201: json('The file was taken.', 'Upload'),
          400: json('There is no file, or no text in UTF-8.', 'Problem'),
          ...ownRefusals,
          409: json('Too many uploads wait to be used.', 'Problem'),
          413: json('The file is too large.', 'Problem'),
          415: json('Another type than multipart/form-data.', 'Problem'),
          503: away[503] ?? json('Away.', 'Problem'),
        },
      },
    },
    '/api/operations/{operation_id}/download': {
      get: {
        operationId: 'downloadOperationFile',
        tags: ['Files'],
        summary: 'Gives the file of an operation to whoever holds the signed address.',
        security: [],
        parameters: [
          pathPart('operation_id', 'Of the operation.'),
          query('expires', 'From the signed address.'),
          query('signature', 'From the signed address.'),
        ],
        responses: {
          200: {
            description: 'The file.',
            content: { 'text/csv': binary, 'application/json': { schema: {} }, 'application/x-ndjson': binary },
          },
          404: json('The address is not good, or no longer.', 'Detail', 'Problem'),
          503: away[503] ?? json('Away.', 'Problem'),
        },
      },
    },
    '/api/program-reports/{program_id}/{name}': {
      get: {
        operationId: 'downloadReport',
        tags: ['Files'],
        summary: 'Gives a report of a program to whoever holds the signed address.',
        security: [],
        parameters: [
          pathPart('program_id', 'From the signed address.'),
          pathPart('name', 'Of the file.'),
          query('expires', 'From the signed address.'),
          query('signature', 'From the signed address.'),
        ],
        responses: {
          200: { description: 'The file.', content: { 'text/csv': binary, 'application/octet-stream': binary } },
          404: json('The address is not good, or no longer.', 'Detail', 'Problem'),
          503: away[503] ?? json('Away.', 'Problem'),
        },
      },
    },
    '/api/openedx_webhook/enrollment': {
      post: webhook('announceEnrollment', 'The LMS tells of an enrollment that it made.', {
        200: json('The enrollment was known.', 'AnnouncedEnrollment'),
        201: json('The enrollment was taken down.', 'AnnouncedEnrollment'),
      }),
    },
    '/api/openedx_webhook/certificate': {
      post: webhook('announceCertificate', 'The LMS tells of a certificate that it issued.', {
        200: json('The certificate is read anew.', 'Message'),
      }),
    },
    '/api/openapi.json': {
      get: {
        operationId: 'getApiDocument',
        tags: ['This document'],
        summary: 'This document.',
        security: [],
        responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: {} } } } },
      },
    },
  };
}

function webhook(operationId: string, summary: string, good: ApiOperation['responses']): ApiOperation {
  return {
    operationId,
    tags: ['From the LMS'],
    summary,
    description: 'For the access token of a staff account. Repeating is harmless.',
    security: [{ oauth2: ['learning:write'] }],
    requestBody: jsonBody('Announcement'),
    responses: {
      ...good,
      400: json('The body is not what it has to be.', 'Problem'),
      ...ownRefusals,
      404: json('There is no such account or course run.', 'Problem'),
      413: json('The body is too large.', 'Problem'),
      415: json('Another type than JSON.', 'Problem'),
      502: json('The LMS refused what Portico asked of it.', 'Problem'),
      503: json('The LMS is away; `Retry-After` says when to try again.', 'Problem'),
    },
  };
}
