import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps what it gets. */
export interface MailCatcher extends AsyncDisposable {
  /** `smtp://…` */
  url: string;
  mails: CaughtMail[];
}

export interface CaughtMail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

export async function startMailCatcher(): Promise<MailCatcher> {
  const mails: CaughtMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream).then(
        (mail) => {
          mails.push(toCaughtMail(mail));
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function toCaughtMail({ to, subject = '', text = '', html }: ParsedMail): CaughtMail {
  const first: AddressObject | undefined = Array.isArray(to) ? to[0] : to;
  return { to: first?.text ?? '', subject, text, html: html || '' };
}
