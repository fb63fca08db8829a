import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import { Passport } from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { afterAll, expect, test } from 'vitest';
import { startProviderSite, testPassword } from '../support/provider-site.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

/** A site that lets people sign in with Portico, as the documentation of passport-oauth2 has it. */
async function startApplication() {
  const passport = new Passport();
  const app = connect();
  const sessions = {};
  app.use((request, response, next) => {
    Object.assign(request, {
      session: sessions,
      query: Object.fromEntries(new URL(request.url ?? '', site.url).searchParams),
    });
    Object.assign(response, {
      redirect: (location: string) => response.writeHead(302, { location }).end(),
    });
    next();
  });
  const server = createServer(app);
  await once(server.listen(0, 'localhost'), 'listening');
  const { port } = server.address() as AddressInfo;
  const callbackURL = `http://localhost:${port}/callback`;
  const { clientId, secret } = await site.aClient({ redirectUris: [callbackURL], scopes: ['user:read'] });
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: `${site.url}/oauth2/authorize/`,
      tokenURL: `${site.url}/oauth2/token/`,
      clientID: clientId,
      clientSecret: secret,
      callbackURL,
      state: true,
      pkce: true,
    },
    async (accessToken: string, refreshToken: string, _profile: unknown, done: OAuth2Strategy.VerifyCallback) => {
      const details = await fetch(`${site.url}/api/users/me`, { headers: { authorization: `Bearer ${accessToken}` } });
      done(null, { ...Object(await details.json()), refreshToken });
    },
  );
  passport.use(strategy);
  app.use('/login', passport.authenticate('oauth2', { session: false }));
  app.use('/callback', passport.authenticate('oauth2', { session: false }));
  app.use('/callback', (request, response) => {
    response.end(JSON.stringify('user' in request ? request.user : null));
  });
  return { url: `http://localhost:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

test('a person signs in to a site that uses passport, with state and PKCE', async () => {
  await using application = await startApplication();
  const { username, email } = await site.anAccount();
  const login = await fetch(`${application.url}/login`, { redirect: 'manual' });
  expect(login.status).toBe(302);
  const browser = site.newBrowser();
  await browser.go(login.headers.get('location') ?? '');
  await browser.submit({ identifier: username, password: testPassword });
  const back = await browser.submit({ decision: 'allow' });
  expect(back.url.startsWith(`${application.url}/callback?`)).toBe(true);
  const user = await (await fetch(back.url)).json();
  expect(user).toMatchObject({ username, email, refreshToken: expect.any(String) });
});
