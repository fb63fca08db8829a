import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import { type PageSite, startPageSite } from '../../support/page-site.js';

const password = 'ada-password-1';
const inSpanish = { headers: { 'accept-language': 'es-MX,es;q=0.9,en;q=0.5' } };

let site: PageSite;
let adaId: string;
beforeAll(async () => {
  site = await startPageSite();
  const ada = aNewAccount({ email: 'ada@example.org', name: 'Ada Lovelace', username: 'ada', password });
  ({ id: adaId } = await site.services.accounts.create(ada, systemActor));
});
afterAll(() => site[Symbol.asyncDispose]());

async function ada() {
  const visitor = site.newVisitor();
  await visitor.go('/login');
  await visitor.submit({ identifier: 'ada', password });
  await visitor.go('/?lang=es');
  return visitor;
}

test('pages are in the language that the browser says, also when something is wrong', async () => {
  const visitor = site.newVisitor();
  await visitor.go('/login', inSpanish);
  expect(visitor.response?.body).toContain('<html lang="es" dir="ltr">');
  expect(visitor.text).toContain('¿Olvidaste la contraseña?');
  await visitor.submit({ identifier: 'ada', password: 'wrong' }, inSpanish);
  expect(visitor.response?.statusCode).toBe(422);
  expect(visitor.text).toContain('no son correctos');
  await visitor.go('/password/reset/choose?token=none', inSpanish);
  expect(visitor.text).toContain('Este enlace ya no funciona');
});

test('a language that is chosen stays, and the choice keeps the address', async () => {
  const visitor = site.newVisitor();
  await visitor.go('/login?next=%2Faccount');
  expect(visitor.response?.body).toMatch(/<a href="[^"]*lang&#61;es[^"]*" lang="es" hreflang="es">Español<\/a>/);
  await visitor.go('/login?next=%2Faccount&lang=es');
  expect(visitor.text).toContain('Iniciar sesión');
  await visitor.go('/register', { headers: { 'accept-language': 'en' } });
  expect(visitor.text).toContain('Crear una cuenta');
  await visitor.go('/register?lang=xx');
  expect(visitor.text).toContain('Crear una cuenta');
  await visitor.go('/register?lang=en');
  expect(visitor.text).toContain('Create an account');
});

test('a page that answers a form offers no other language, since only its form leads there', async () => {
  const visitor = site.newVisitor();
  await visitor.go('/login');
  expect(visitor.response?.body).toContain('hreflang');
  await visitor.submit({ identifier: 'ada', password: 'wrong' });
  expect(visitor.response?.body).not.toContain('hreflang');
});

test('a client asks for a language by ui_locales, and the person may ask for another', async () => {
  const pending = {
    uid: 'abc',
    prompt: 'login' as const,
    clientId: 'client',
    clientName: 'Courses',
    missingScopes: [],
    loginHint: undefined,
    isForLms: false,
    limits: undefined,
    uiLocales: ['fr', 'es-MX'],
    accountId: undefined,
    mustReauthenticate: false,
    requestPath: '/oauth2/authorize/?client_id=client',
  };
  site.signIn.pending = pending;
  const visitor = site.newVisitor();
  await visitor.go('/login/abc');
  expect(visitor.path).toBe('/login/abc?lang=es');
  expect(visitor.text).toContain('para continuar en');
  await visitor.go('/login/abc?lang=en');
  expect(visitor.text).toContain('to continue to');
  site.signIn.pending = { ...pending, uiLocales: ['fr'] };
  await visitor.go('/login/abc');
  expect(visitor.path).toBe('/login/abc');
  site.signIn.pending = undefined;
});

test('consent names what is allowed in the language of the person', async () => {
  const visitor = await ada();
  site.signIn.pending = {
    uid: 'abc',
    prompt: 'consent',
    clientId: 'client',
    clientName: 'Courses',
    missingScopes: ['learning:read'],
    loginHint: undefined,
    isForLms: false,
    limits: undefined,
    uiLocales: [],
    accountId: adaId,
    mustReauthenticate: false,
    requestPath: '/oauth2/authorize/?client_id=client',
  };
  await visitor.go('/consent/abc');
  expect(visitor.text).toContain('Ver tus inscripciones, calificaciones y certificados');
  site.signIn.pending = undefined;
});

test.each([
  ['/', 'Hola, Ada Lovelace'],
  ['/account', 'Dónde tienes la sesión iniciada'],
  ['/account/profile', 'Editar el perfil'],
  ['/account/password', 'Al menos'],
  ['/account/email', 'Correo electrónico nuevo'],
  ['/account/passkeys', 'Añadir una llave de acceso'],
  ['/account/passkeys/new', 'Primero demuestra que eres tú.'],
  ['/account/two-step', 'Inicio de sesión en dos pasos'],
  ['/account/data', 'Una copia de todo'],
  ['/account/delete', 'No se puede deshacer.'],
])('%s of somebody who reads Spanish says “%s”, and nothing in English', async (path, text) => {
  const visitor = await ada();
  await visitor.go(path);
  expect(visitor.response?.statusCode).toBe(200);
  expect(visitor.text).toContain(text);
  const english = /\b(the|your|you|with|sign|save|cancel|delete|change|for|and|password|username)\b/i;
  expect(visitor.text.replaceAll(/English|Ada Lovelace/g, '')).not.toMatch(english);
});

test('what somebody reads is remembered for their mails, and a name that is refused is refused in it', async () => {
  const visitor = await ada();
  await visitor.go('/account/profile');
  await visitor.submit({ name: 'Ada <b>', country: '' });
  expect(visitor.text).toContain('Un nombre no puede contener &#60; ni &#62;.');
  expect(await site.services.accounts.findById(adaId)).toMatchObject({ locale: 'es' });
});

test('a site that offers one language has no other', async () => {
  await using english = await startPageSite({ PORTICO_LOCALES: 'en' });
  const visitor = english.newVisitor();
  await visitor.go('/login?lang=es', inSpanish);
  expect(visitor.text).toContain('Forgot password?');
  expect(visitor.response?.body).not.toContain('hreflang');
});

test('what is wrong with a new password is said in Spanish', async () => {
  const visitor = await ada();
  await visitor.go('/account/password');
  await visitor.submit({ currentPassword: password, password: 'qwertyuiop12' });
  expect(visitor.text).toContain('Esta contraseña es demasiado fácil de adivinar.');
  await visitor.submit({ currentPassword: password, password: 'short' });
  expect(visitor.text).toMatch(/Usa al menos \d+ caracteres para la contraseña\./);
});
