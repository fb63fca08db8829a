import { type Answer, json, redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { notFound, permissionDenied } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';

/** The mobile API's page of the caller, which clients use to see whether a learner's token works. */
export function mobileUserViews(): View[] {
  return [
    apiView(/^\/api\/mobile\/(?<version>v0\.5|v[1-4])\/my_user_info$/, {
      profile: 'P1',
      methods: {
        GET: (call) => redirect(`/api/mobile/${call.param('version')}/users/${encodeURIComponent(call.user.username)}`),
      },
    }),
    apiView(/^\/api\/mobile\/(?<version>v0\.5|v[1-4])\/users\/(?<username>[\p{L}\p{N}_ .@+-]+)$/u, {
      profile: 'P1',
      permission: requireOwner,
      methods: { GET: showUser },
    }),
  ];
}

/** Only the person in the path; staff are told no, others that there is nothing. */
function requireOwner(call: Call): void {
  if (call.user.username.toLowerCase() === call.param('username').toLowerCase()) return;
  throw call.user.isStaff ? permissionDenied() : notFound();
}

function showUser(call: Call): Answer {
  const { id, username, email, profile } = call.user;
  const enrollments = `${call.origin}/api/mobile/${call.param('version')}/users/${encodeURIComponent(username)}/course_enrollments/`;
  return json({ id, username, email, name: profile?.name ?? null, course_enrollments: enrollments });
}
