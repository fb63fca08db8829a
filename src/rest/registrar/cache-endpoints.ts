import { NotFoundError } from '../../errors.js';
import type { ProgramService } from '../../services/program/program.service.js';
import { notFound } from './refusal.js';
import { paths, type Route } from './routes.js';

export interface CacheEndpointDeps {
  programs: Pick<ProgramService, 'forget'>;
}

/** What is known of programs is forgotten: for operators, who changed something at Discovery. */
export function cacheRoutes({ programs }: CacheEndpointDeps): Route[] {
  return [
    {
      versions: ['internal'],
      pattern: paths.cache,
      isForStaff: true,
      methods: {
        DELETE: {
          async handle() {
            await programs.forget();
            return { status: 204 };
          },
        },
      },
    },
    {
      versions: ['internal'],
      pattern: paths.cachedProgram,
      isForStaff: true,
      methods: {
        DELETE: {
          async handle({ parts }) {
            try {
              await programs.forget(parts.cached);
            } catch (error) {
              if (error instanceof NotFoundError) throw notFound('No Program matches the given query.');
              throw error;
            }
            return { status: 204 };
          },
        },
      },
    },
  ];
}
