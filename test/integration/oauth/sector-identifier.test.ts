/** The list at a client's sector identifier URI (OpenID Connect Registration 5), at a real server with TLS. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';

const tlsFile = (name: string) => readFile(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const redirectUris = ['https://one.example.org/callback', 'https://two.example.org/callback'];
const trusted = getCACertificates('default');
let server: Server;
let base: string;
let asked: string[] = [];
/** With and without the setting that lets clients on this very machine be called. */
let open: ProviderSite;
let guarded: ProviderSite;

beforeAll(async () => {
  const [key, cert] = await Promise.all([tlsFile('localhost.key.pem'), tlsFile('localhost.cert.pem')]);
  setDefaultCACertificates([...trusted, cert]);
  server = createServer({ key, cert }, ({ url = '' }, response) => {
    asked.push(url);
    if (url === '/elsewhere.json') return response.writeHead(302, { location: '/list.json' }).end();
    if (url === '/endless.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[');
      return response.write('"https://one.example.org/callback",'.repeat(200_000));
    }
    const list = url === '/short.json' ? redirectUris.slice(1) : redirectUris;
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  base = `https://localhost:${address instanceof Object ? address.port : 0}`;
  [open, guarded] = await Promise.all([
    startProviderSite({ env: { PORTICO_ALLOW_LOOPBACK_CALLBACKS: 'true' } }),
    startProviderSite({}),
  ]);
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  server.closeAllConnections();
  server.close();
  await Promise.all([open[Symbol.asyncDispose](), guarded[Symbol.asyncDispose]()]);
});

const register = (site: ProviderSite, path: string) =>
  site.aClient({
    subjectType: 'PAIRWISE',
    scopes: ['openid', 'profile'],
    redirectUris,
    sectorIdentifierUri: base + path,
  });
const refusal = { field: ['sectorIdentifierUri'], reason: 'INVALID_METADATA' };

test('a client of several hosts is registered when the list has all of its redirect URIs', async () => {
  const { clientId } = await register(open, '/list.json');
  expect(asked).toEqual(['/list.json']);
  const client = await open.clients.findByClientId(clientId);
  expect(client?.metadata.sector_identifier_uri).toBe(`${base}/list.json`);
});

test('it is refused when the list lacks one of them', async () => {
  await expect(register(open, '/short.json')).rejects.toMatchObject(refusal);
  expect(asked).toEqual(['/short.json']);
});

test('a list that leads elsewhere is not followed', async () => {
  await expect(register(open, '/elsewhere.json')).rejects.toMatchObject(refusal);
  expect(asked).toEqual(['/elsewhere.json']);
});

test('a list without end is not read to its end', async () => {
  await expect(register(open, '/endless.json')).rejects.toMatchObject(refusal);
});

test('a name that leads to our own network is asked nothing, although somebody would answer there', async () => {
  await expect(register(guarded, '/list.json')).rejects.toMatchObject(refusal);
  expect(asked).toEqual([]);
});
