import { Type } from 'typebox';
import { type ApiOperation, type ApiPaths, away, json, pathPart, tokenWith } from './operation.js';

/** What operators ask for, at the Registrar's address: `src/rest/registrar/cache-endpoints.ts`. */
export function cachePaths(): ApiPaths {
  const forget = (operationId: string, summary: string, parameters: ApiOperation['parameters'] = []): ApiOperation => ({
    operationId,
    tags: ['Programs'],
    summary,
    description:
      'For staff. Nothing is deleted: what is known is asked for anew when it is next wanted, and stays while nobody can say.',
    security: tokenWith('programs:write'),
    parameters,
    responses: {
      204: { description: 'It is forgotten.' },
      401: json('No credentials, or none that are good.', 'Detail', 'BadToken'),
      403: json('The access token is that of a restricted client.', 'Detail'),
      404: json('The caller is no staff, or there is no such program.', 'Detail', 'Problem'),
      406: json('The caller takes no JSON.', 'Detail'),
      ...away,
    },
  });
  return {
    '/api/internal/cache': { delete: forget('forgetPrograms', 'Forgets what Discovery said of all programs.') },
    '/api/internal/cache/{program_key}': {
      delete: forget('forgetProgram', 'Forgets what Discovery said of one program.', [
        pathPart('program_key', 'Key of the program.', Type.String({ pattern: '^[A-Za-z0-9_-]+$' })),
      ]),
    },
  };
}
