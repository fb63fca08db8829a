import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount, startAccountServices, type TestAccountServices } from '../../support/account-services.js';
import { startMailCatcher } from '../../support/mail-catcher.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';

const address = '192.0.2.1';
const password = 'tea-at-half-past-six';

let catcher: Awaited<ReturnType<typeof startMailCatcher>>;
let services: TestAccountServices;
beforeAll(async () => {
  catcher = await startMailCatcher();
  services = await startAccountServices({ env: { SMTP_URL: catcher.url } });
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await catcher[Symbol.asyncDispose]();
});

async function mailsOf() {
  const mails = await deliverQueuedMail(services, catcher);
  return mails.map(({ subject, text }) => `${subject}\n${text}`);
}

const anAccount = (username: string, languageCode?: string) =>
  services.accounts.create(
    aNewAccount({
      username,
      email: `${username}@example.org`,
      password,
      ...(languageCode && { profile: { languageCode } }),
    }),
    systemActor,
  );

test('a registration is answered in the language of the page, also when the mail is sent again', async () => {
  const token = await services.registrations.begin({
    email: 'eva@example.org',
    next: undefined,
    address,
    language: 'es',
  });
  await services.registrations.resend(token, address, 'es');
  const spanish = expect.stringMatching(/^Confirma tu correo electrónico[\s\S]*durante 30 minutos/);
  expect(await mailsOf()).toEqual([spanish, spanish]);
});

test('a password reset is answered in the language of the page, and in that of the profile where there is none', async () => {
  await anAccount('luis', 'es-MX');
  await anAccount('lea', 'fr');
  const ask = (name: string, language?: 'en' | 'es') =>
    services.passwordResets.begin({
      email: `${name}@example.org`,
      next: undefined,
      address,
      ...(language && { language }),
    });
  await ask('luis');
  await ask('luis', 'en');
  await ask('lea');
  await ask('lea', 'es');
  expect((await mailsOf()).map((mail) => mail.split(' for ')[0]?.split(' para ')[0])).toEqual([
    'Elige una contraseña nueva',
    'Choose a new password',
    'Choose a new password',
    'Elige una contraseña nueva',
  ]);
});

test('both addresses of an e-mail change hear of it in the language of the page, and of its end in that of the profile', async () => {
  const { id } = await anAccount('ines', 'es');
  await services.emailChanges.begin(id, { email: 'ines@example.net', password, address, language: 'es' });
  const [confirm = '', stop = ''] = await mailsOf();
  expect(confirm).toMatch(/^Confirma tu correo electrónico nuevo/);
  expect(stop).toMatch(/^Tu correo electrónico en .* está a punto de cambiar[\s\S]*ines@example\.net/);
  await services.emailChanges.confirmByCode(id, /\b\d{6}\b/.exec(confirm)?.[0] ?? '', { accountId: id, address });
  expect(await mailsOf()).toEqual([expect.stringMatching(/^Tu correo electrónico en .* se cambió/)]);
});
