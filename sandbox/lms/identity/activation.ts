import { redirect } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { errorPage } from '../http/error-page.js';
import { plainView, type View } from '../http/view.js';
import { enrollInvited } from '../learning/enrollment/enroll.js';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';

/** The mail that the LMS sends to a new account whose address nobody vouched for. */
export function sendActivationMail({ state }: Lms, call: Call, user: LmsUser): void {
  const link = `${call.origin}/activate/${user.activationKey}`;
  state.mail.set(String(state.nextId('mail')), {
    at: call.now.toISOString(),
    from: 'registration@lms.example.org',
    to: [user.email],
    subject: `Action Required: Activate your ${state.site.platformName} account`,
    text: `You're almost there! Use the link below to activate your account.\n\n${link}\n`,
    html: '',
  });
}

/** Where the link of that mail leads. */
export function activationViews(lms: Lms): View[] {
  return [
    plainView(/^\/activate\/(?<key>[0-9a-f]{32})$/, {
      methods: {
        GET: (call) => {
          const user = [...lms.state.users.values()].find(({ activationKey }) => activationKey === call.param('key'));
          if (user === undefined) return errorPage(call, 404);
          const active = { ...user, isActive: true };
          lms.state.atomically(() => {
            lms.state.putUser(active);
            enrollInvited(lms, active, call.now);
          });
          return redirect('/dashboard');
        },
      },
    }),
  ];
}
