import type { AddressInfo } from 'node:net';
import { type AddressObject, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { LmsState } from '../lms/state.js';

export interface MailCatcher {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * An SMTP server on loopback that delivers nothing: every message is kept, and is in the journal before the sender is
 * told that it was accepted.
 *
 * @param port - 0 takes any free one
 */
export async function catchMail(state: LmsState, port: number): Promise<MailCatcher> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, session, done) {
      simpleParser(stream)
        .then((message) => {
          const envelope = session.envelope;
          state.mail.set(String(state.nextId('mail')), {
            at: new Date().toISOString(),
            from: message.from?.text ?? (envelope.mailFrom ? envelope.mailFrom.address : ''),
            to: envelope.rcptTo.length > 0 ? envelope.rcptTo.map(({ address }) => address) : addressesOf(message.to),
            subject: message.subject ?? '',
            text: message.text ?? '',
            html: message.html || '',
          });
          done();
        })
        .catch(done);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function addressesOf(to: AddressObject | AddressObject[] | undefined): string[] {
  const objects = to === undefined ? [] : Array.isArray(to) ? to : [to];
  return objects.flatMap(({ value }) => value.map(({ address }) => address ?? ''));
}
