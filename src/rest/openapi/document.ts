import { scopeDescriptions } from '../../access/scopes.js';
import { cachePaths } from './cache-paths.js';
import type { ApiPaths } from './operation.js';
import { otherPaths } from './other-paths.js';
import { registrarPaths } from './registrar-paths.js';
import { schemas } from './schemas.js';

/** Scopes that the REST API asks for. */
const scopes = ['programs:read', 'programs:write', 'tpa:read', 'user:read', 'learning:write'] as const;

/** The REST API in OpenAPI 3.1: programs read it at `/api/openapi.json`, people at `/api/docs`. */
export interface ApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: ApiPaths;
  components: { schemas: object; securitySchemes: object };
}

/** @param publicUrl - origin under which callers know Portico */
export function createApiDocument({ publicUrl, siteName }: { publicUrl: string; siteName: string }): ApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: `REST API of ${siteName}`,
      version: '1',
      description:
        'What partner schools, clients of the Open edX Registrar and the LMS ask Portico for; all else is in the graph. An address may end in a slash, except that of the ID mapping, of downloads and of this document.',
    },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'Programs', description: 'Programs, their learners and jobs, as the Open edX Registrar has them.' },
      { name: 'ID mapping', description: 'Who is whom in the LMS, as the LMS tells it.' },
      { name: 'People', description: 'The person behind an access token.' },
      { name: 'Files', description: 'Files that come in for the graph, and files that operations made.' },
      { name: 'From the LMS', description: 'What the LMS announces.' },
      { name: 'This document', description: 'For programs and people.' },
    ],
    paths: { ...registrarPaths(), ...cachePaths(), ...otherPaths() },
    components: {
      schemas,
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          description: 'The token goes as `Authorization: Bearer`, or `JWT`.',
          flows: {
            clientCredentials: {
              tokenUrl: `${publicUrl}/oauth2/access_token`,
              scopes: Object.fromEntries(scopes.map((scope) => [scope, scopeDescriptions[scope]])),
            },
          },
        },
        jwt: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`JWT` and a token of Portico; at programs and the ID mapping also one of the LMS.',
        },
      },
    },
  };
}
