// The peer as a process of its own: oidc-provider, bare. Reads its settings from stdin, prints its URL when it listens.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Provider, { type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import pg from 'pg';
import type { PeerSettings } from './peer-side.js';
import { createPeerStorage, createTable } from './peer-storage.js';

const settings: PeerSettings = JSON.parse(await text(process.stdin));
// Idle connections stay as long as Portico's.
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize, idleTimeoutMillis: 60_000 });
await createTable(pool);

const server = createServer();
server.listen(0, 'localhost');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;
const url = `http://localhost:${port}`;

const provider = new Provider(url, {
  adapter: createPeerStorage(pool),
  clients: [...settings.clients],
  jwks: { keys: [...settings.keys] },
  cookies: { keys: ['a-key-of-the-benchmark', 'another-key-of-the-benchmark'] },
  scopes: ['openid', 'profile', 'email', 'user:read'],
  responseTypes: ['code'],
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    ClientCredentials: 3600,
    Grant: 86_400,
    IdToken: 3600,
    Session: 86_400,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  pkce: { required: () => false },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  findAccount: async (_ctx, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id,
      name: id,
      preferred_username: id,
      email: `${id}@example.org`,
      email_verified: true,
    }),
  }),
  // The same tokens that Portico gives the same client; not hanging on the session saves a statement at each look.
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: async () => false,
  loadExistingGrant: findOrMakeGrant,
});
const handle = provider.callback();
server.on('request', async (req, res) => {
  const person = req.url?.match(/^\/sign-in\/(.+)$/)?.[1];
  if (person === undefined) return handle(req, res);
  await signIn(person, provider.createContext(req, res));
  res.end();
});

/** Nobody is asked for consent: on either side the client is an application of the house. */
async function findOrMakeGrant({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, account, session } = oidc;
  if (!client || !account || !session) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  if (grantId) return oidc.provider.Grant.find(grantId);
  const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope([...oidc.requestParamScopes]);
  await grant.save();
  return grant;
}

async function signIn(accountId: string, { cookies }: ReturnType<Provider['createContext']>): Promise<void> {
  const session = new provider.Session();
  session.loginAccount({ accountId });
  await session.save(86_400);
  cookies.set(provider.cookieName('session'), session.jti, { httpOnly: true, signed: true });
}

// Ends as a program does by itself, so that a profile of it is written.
process.once('SIGTERM', () => process.exit());
process.stdout.write(`${url}\n`);
