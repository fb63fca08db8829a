import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerEnvelope } from 'smtp-server';
import type { LmsState } from '../lms/state.js';
import { listenOnLoopback } from '../loopback.js';

export interface MailCatcher {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * An SMTP server on both loopback addresses that delivers nothing: every message is kept, and is in the journal before
 * the sender is told that it was accepted.
 *
 * @param port - 0 takes any free one
 */
export async function catchMail(state: LmsState, port: number): Promise<MailCatcher> {
  const { port: bound, servers } = await listenOnLoopback(port, async (host, at) => {
    const smtp = await listenOn(state, host, at);
    return { smtp, socket: smtp.server };
  });
  return {
    port: bound,
    async close() {
      await Promise.all(servers.map(({ smtp }) => new Promise<void>((resolve) => smtp.close(() => resolve()))));
    },
  };
}

async function listenOn(state: LmsState, host: string, port: number): Promise<SMTPServer> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, { envelope }, done) {
      simpleParser(stream)
        .then((message) => {
          keep(state, message, envelope);
          done();
        })
        .catch(done);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function keep(state: LmsState, message: ParsedMail, envelope: SMTPServerEnvelope): void {
  state.mail.set(String(state.nextId('mail')), {
    at: new Date().toISOString(),
    from: message.from?.text ?? (envelope.mailFrom ? envelope.mailFrom.address : ''),
    to: envelope.rcptTo.map(({ address }) => address),
    subject: message.subject ?? '',
    text: message.text ?? '',
    html: message.html || '',
  });
}
