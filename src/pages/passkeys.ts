import type { FastifyInstance, FastifyReply } from 'fastify';
import type { FormState } from '../web/form.js';
import {
  type PasskeyView,
  renderNewPasskeyPage,
  renderPasskeyPage,
  renderPasskeyProofPage,
  renderPasskeysPage,
} from '../web/passkey.page.js';
import { proofOptionsPath } from '../web/proof.js';
import { renderRecoveryCodesPage } from '../web/second-factor.page.js';
import type { FixedText, Words } from '../words/words.js';
import { browserSecretOf } from './form-guard.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { describeUserAgent } from './user-agent.js';
import { createVisits, emptyForm, noticeOf, readForm, refuseForm, type SignedIn } from './visit.js';

interface PasskeyRoute {
  Params: { id: string };
}

const notices = new Map<string, FixedText>([
  ['added', 'The passkey was added.'],
  ['renamed', 'The passkey has a new name.'],
  ['removed', 'The passkey was removed.'],
  ['off', 'The passkey was removed. Two-step sign-in is off.'],
]);

/** `/account/passkeys`: passkeys are listed, added, named and removed. */
export function registerPasskeys(app: FastifyInstance, deps: PageDeps): void {
  const { passkeys, secondFactors, signIn, config } = deps;
  const { publicUrl } = config.http;
  const { requirePerson, frame } = createVisits(deps);
  const withScript = { config: { hasScript: true } };

  app.get<{ Querystring: { done?: unknown } }>('/account/passkeys', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const factors = await secondFactors.listOf([account.id]);
    const { done } = request.query;
    return reply.send(
      renderPasskeysPage({
        ...frame(reply, account),
        notice: noticeOf(notices, done, reply.request.words),
        passkeys: factors.filter(({ kind }) => kind === 'PASSKEY').map((one) => viewPasskey(one, reply.request.words)),
      }),
    );
  });

  app.post(proofOptionsPath, async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const use = { purpose: 'proof', accountId: account.id, browser: browserSecretOf(request, publicUrl) } as const;
    return reply.type('application/json; charset=utf-8').send(await passkeys.ask(use));
  });

  const showProof = async (reply: FastifyReply, { account }: SignedIn, form: FormState) =>
    renderPasskeyProofPage({ ...frame(reply, account), form, needs: await readNeeds(deps, account.id) });

  app.get('/account/passkeys/new', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await showProof(reply, person, emptyForm(reply)));
  });

  app.post('/account/passkeys/new', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const proof = readProof(request, publicUrl);
    try {
      await passkeys.registration.begin(person.account, proof, proof.browser);
      return reply.redirect('/account/passkeys/create', 303);
    } catch (error) {
      return reply.send(await showProof(reply, person, refuseForm(reply, {}, error)));
    }
  });

  app.get('/account/passkeys/create', withScript, async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    const options = await passkeys.registration.pending(account, browserSecretOf(request, publicUrl));
    if (!options) return reply.redirect('/account/passkeys/new', 303);
    const name = describeUserAgent(request.headers['user-agent'], reply.request.words);
    return reply.send(renderNewPasskeyPage({ ...frame(reply, account), form: emptyForm(reply, { name }), options }));
  });

  app.post('/account/passkeys/create', withScript, async (request, reply) => {
    const { account, sessionUid } = await requirePerson(request, reply);
    const browser = browserSecretOf(request, publicUrl);
    const { name = '', passkey: answer = '' } = readForm(request.body);
    try {
      const codes = await passkeys.registration.finish(account, { answer, name, browser }, request.ip);
      if (!codes) return reply.redirect('/account/passkeys?done=added', 303);
      // Whoever signed in elsewhere with the password alone is asked anew.
      await signIn.revokeAll(account.id, sessionUid);
      return reply.send(renderRecoveryCodesPage({ ...frame(reply, account), codes }));
    } catch (error) {
      const form = refuseForm(reply, { name }, error);
      const options = await passkeys.registration.pending(account, browser);
      if (options) return reply.send(renderNewPasskeyPage({ ...frame(reply, account), form, options }));
      return reply.send(await showProof(reply, { account, sessionUid }, form));
    }
  });

  const showOne = async (
    { account }: SignedIn,
    { id, reply }: { id: string; reply: FastifyReply },
    forms: { nameForm?: FormState; removeForm?: FormState } = {},
  ) => {
    const passkey = await passkeys.find(account.id, id);
    return renderPasskeyPage({
      ...frame(reply, account),
      passkey: viewPasskey(
        { ...passkey, lastUsedAt: passkey.lastUsedAt ?? null, isSuspended: !!passkey.suspendedAt },
        reply.request.words,
      ),
      nameForm: forms.nameForm ?? emptyForm(reply, { name: passkey.name }),
      removeForm: forms.removeForm ?? emptyForm(reply),
      needs: await readNeeds(deps, account.id),
    });
  };

  app.get<PasskeyRoute>('/account/passkeys/:id', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await showOne(person, { id: request.params.id, reply }));
  });

  app.post<PasskeyRoute>('/account/passkeys/:id/name', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { id } = request.params;
    const { name = '' } = readForm(request.body);
    try {
      await passkeys.rename(person.account.id, id, name);
      return reply.redirect('/account/passkeys?done=renamed', 303);
    } catch (error) {
      const nameForm = refuseForm(reply, { name }, error);
      return reply.send(await showOne(person, { id, reply }, { nameForm }));
    }
  });

  app.post<PasskeyRoute>('/account/passkeys/:id/remove', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { id } = request.params;
    try {
      await passkeys.remove(person.account, id, readProof(request, publicUrl));
      const isOn = await secondFactors.isOn(person.account.id);
      return reply.redirect(`/account/passkeys?done=${isOn ? 'removed' : 'off'}`, 303);
    } catch (error) {
      const removeForm = refuseForm(reply, {}, error);
      return reply.send(await showOne(person, { id, reply }, { removeForm }));
    }
  });
}

function viewPasskey(
  passkey: {
    id: string;
    name: string;
    createdAt: Date;
    lastUsedAt: Date | null;
    isSuspended: boolean;
  },
  words: Words,
): PasskeyView {
  const { id, name, createdAt, lastUsedAt, isSuspended } = passkey;
  const added = words.day(createdAt);
  const detail = lastUsedAt
    ? words('Added {added}, last used {used}', { added, used: words.day(lastUsedAt) })
    : words('Added {added}, not used yet', { added });
  return { id, name, isSuspended, detail };
}
