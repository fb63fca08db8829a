import type { Words } from '../../words/words.js';
import { type MailSite, renderMail } from '../mail/layout.js';
import type { MailMessage } from '../mail/mail.service.js';

/** To a partner who may do something here from now on: who has an account signs in, who has none makes one. */
export function invitationMail({
  site,
  words,
  to,
  target,
  hasAccount,
  publicUrl,
  expiresAt,
}: {
  site: MailSite;
  words: Words;
  to: string;
  /** Name of the organization or program. */
  target: string;
  hasAccount: boolean;
  publicUrl: string;
  expiresAt: Date;
}): MailMessage {
  const values = { target, site: site.name };
  return {
    to,
    expiresAt,
    subject: words('You are invited to {target} at {site}', values),
    ...renderMail({
      site,
      words,
      greeting: words('Hello!'),
      paragraphs: [
        hasAccount
          ? words('You may now work with {target} at {site}: sign in with your account.', values)
          : words(
              'You are invited to work with {target} at {site}. Create an account with this e-mail address; then it is open to you.',
              values,
            ),
      ],
      button: hasAccount
        ? { label: words('Sign in'), href: `${publicUrl}/login` }
        : { label: words('Create an account'), href: `${publicUrl}/register` },
      closing: words('If you did not expect this, you can ignore this mail.'),
    }),
  };
}
