import type { FastifyReply, FastifyRequest } from 'fastify';
import { expandRoles } from '../access/viewer.js';
import { InvalidInputError, RateLimitedError, UnauthenticatedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import type { FormError, FormState } from '../web/form.js';
import type { Frame } from '../web/layout.js';
import type { FixedText, Words } from '../words/words.js';
import { otherLanguages } from './language-choice.js';
import type { PageDeps } from './page-deps.js';

/** A person who is signed in, with the session it is by. */
export interface SignedIn {
  account: Account;
  sessionUid: string;
}

/** What the handlers of pages ask about a request. */
export interface Visits {
  /** Who is signed in, if anybody; a session of a closed account counts for nothing. */
  findPerson(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | undefined>;
  /** @throws {@link UnauthenticatedError}, which leads a browser to the sign-in page and back */
  requirePerson(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn>;
  frame(reply: FastifyReply, account?: Account): Frame;
}

export function createVisits({ config, signIn, accounts }: PageDeps): Visits {
  const findPerson: Visits['findPerson'] = async (request, reply) => {
    const session = await signIn.current(request.raw, reply.raw);
    if (!session) return undefined;
    const account = await accounts.findById(session.accountId);
    return account?.status === 'ACTIVE' ? { account, sessionUid: session.uid } : undefined;
  };
  return {
    findPerson,
    requirePerson: async (request, reply) => {
      const person = await findPerson(request, reply);
      if (!person) throw new UnauthenticatedError();
      const { language } = reply.request.words;
      if (person.account.locale !== language) await accounts.setLocale(person.account.id, language);
      return person;
    },
    frame: (reply, account) => ({
      site: config.site,
      words: reply.request.words,
      otherLanguages: otherLanguages(reply.request, config.site.locales),
      ...(account && {
        person: { name: account.name, mayOpenPlayground: expandRoles(account.roles).has('STAFF') },
      }),
    }),
  };
}

/** Good news from the step before, by the word for it in the address. */
export function noticeOf(notices: ReadonlyMap<string, FixedText>, done: unknown, words: Words): string | undefined {
  const text = typeof done === 'string' ? notices.get(done) : undefined;
  return text === undefined ? undefined : words(text);
}

/** The fields of a form, by name: texts only, the last one where there are several. NUL, which no database takes, is replaced. */
export function readForm(body: unknown): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(body ?? {})) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (typeof last === 'string') fields[name] = last.replaceAll('\0', '\uFFFD');
  }
  return fields;
}

/** A form to be filled in for the first time. */
export function emptyForm(reply: FastifyReply, values: Record<string, string> = {}): FormState {
  return refusedForm(reply, values);
}

/** The form once more, with what stands against it. */
export function refusedForm(reply: FastifyReply, values: Record<string, string>, ...errors: FormError[]): FormState {
  return { csrfToken: reply.generateCsrf(), values, errors, words: reply.request.words };
}

/**
 * The form once more, with what an error says against its input; the answer gets the status that goes with it.
 *
 * @throws the error itself when it is not about what was typed
 */
export function refuseForm(reply: FastifyReply, values: Record<string, string>, error: unknown): FormState {
  if (error instanceof InvalidInputError) {
    reply.code(error.httpStatus);
    return refusedForm(reply, values, { field: error.field.at(-1), message: reply.request.words.ofError(error) });
  }
  if (error instanceof RateLimitedError) {
    reply.code(error.httpStatus).header('retry-after', error.retryAfterSeconds);
    return refusedForm(reply, values, { message: reply.request.words.ofError(error) });
  }
  throw error;
}
