import { json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { permissionDenied } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';

/** The plug-in `ol_openedx_lti_utilities`: takes an e-mail address from a user that was made for an LTI launch. */
export function ltiUserFixViews(lms: Lms): View[] {
  return [
    apiView('/api/lti-user-fix/', {
      profile: 'P1',
      permission: requireStaff,
      methods: {
        async POST(call) {
          const data = await call.data();
          const email = data instanceof Object && 'email' in data ? data.email : undefined;
          const user = [...lms.state.users.values()].find((each) => isSame(each.email, email));
          if (!user?.isMadeByLti) return json({ detail: 'No LTI user has this e-mail address.' }, 404);
          lms.state.putUser({ ...user, email: `${user.username}@lti.example.com` });
          return json({ success: true });
        },
      },
    }),
  ];
}

function requireStaff(call: Call): void {
  if (!call.user.isStaff && !call.user.isSuperuser) throw permissionDenied();
}

function isSame(email: string, other: unknown): boolean {
  return typeof other === 'string' && email.toLowerCase() === other.toLowerCase();
}
