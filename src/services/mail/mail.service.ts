import type { EntityManager } from '@mikro-orm/postgresql';
import { createTransport } from 'nodemailer';
import type { Clock } from '../../clock.js';
import { createSealer } from '../../crypto/sealer.js';
import { enqueue } from '../../jobs/queue.js';
import type { Logger } from '../../logger.js';

/** A mail, complete but for its sender. */
export interface MailMessage {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** After this the mail is of no use any more and is not sent. */
  expiresAt: Date;
}

export interface MailService extends AsyncDisposable {
  /** Has a mail sent as soon as the transaction of `em` commits. What waits in the queue is encrypted: it may hold a code. */
  send(em: EntityManager, message: MailMessage): Promise<void>;
  /**
   * Hands a queued mail to the mail server; the body of the job.
   *
   * @throws when the mail server does not take it: try again later
   */
  deliver(sealed: string): Promise<void>;
}

/** To whom a mail goes that is made for the sake of the work alone; nothing is sent. */
export const nobodyAddress = '';

const smtpTimeoutMs = 15_000;

/**
 * @param smtpUrl - `smtp://` or `smtps://`, with credentials if needed
 * @param from - sender, e.g. `Portico <no-reply@example.edu>`
 * @param keys - secrets of the process, newest first
 */
export function createMailService({
  smtpUrl,
  from,
  keys,
  clock,
  logger,
}: {
  smtpUrl: string;
  from: string;
  keys: readonly string[];
  clock: Clock;
  logger: Logger;
}): MailService {
  const sealer = createSealer(keys, 'mail');
  const transport = createTransport(
    { url: smtpUrl, pool: true, maxConnections: 2, connectionTimeout: smtpTimeoutMs, socketTimeout: smtpTimeoutMs },
    { from },
  );
  return {
    send: async (em, message) => {
      await enqueue(em, 'send-mail', { sealed: await sealer.seal(JSON.stringify(message)) });
    },
    deliver: async (sealed) => {
      const { expiresAt, ...message } = parseMessage(await sealer.open(sealed));
      if (message.to === nobodyAddress) return;
      if (expiresAt < clock()) {
        logger.warn('a mail was not sent: the mail server did not take it before it lost its use');
        return;
      }
      await transport.sendMail(message).catch((error: unknown) => {
        throw withoutRecipient(error, message.to);
      });
    },
    async [Symbol.asyncDispose]() {
      transport.close();
    },
  };
}

/** Mail servers repeat the address in their refusals; neither the log nor the queue is the place for it. */
function withoutRecipient(error: unknown, to: string): Error {
  const { message, code } = error instanceof Error ? { code: undefined, ...error, message: error.message } : {};
  const text = (message ?? 'unknown failure').replaceAll(to, '(the recipient)');
  return new Error(`the mail server did not take a mail: ${text}${code === undefined ? '' : ` (${code})`}`);
}

function parseMessage(json: string): MailMessage {
  const { to, subject, text, html, expiresAt } = JSON.parse(json) as Record<keyof MailMessage, string>;
  return { to, subject, text, html, expiresAt: new Date(expiresAt) };
}
