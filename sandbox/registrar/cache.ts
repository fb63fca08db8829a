import { empty } from '../lms/http/answer.js';
import { ApiError, notFound } from '../lms/http/errors.js';
import { apiView, type View } from '../lms/http/view.js';
import { INTERNAL_CACHE } from './paths.js';
import type { Registrar } from './registrar-context.js';
import { keptPrograms } from './rights.js';

/** The flush of what was kept of Discovery: for staff alone, and nothing is ever kept here. */
export function cacheViews({ lms }: Registrar): View[] {
  return [
    apiView(INTERNAL_CACHE, {
      profile: 'P5',
      permission: ({ user }) => {
        if (!user.isStaff) throw notFound();
      },
      methods: {
        DELETE: (call) => {
          const key = call.param('program_key').toLowerCase();
          if (key !== '' && !keptPrograms(lms).some(({ marketingSlug }) => marketingSlug.toLowerCase() === key))
            throw new ApiError(404, 'No Program matches the given query.');
          return empty(204);
        },
      },
    }),
  ];
}
