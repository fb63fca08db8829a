import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { SigningKeyEntity } from '../../../src/entities/signing-key.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { createSigningKeyService } from '../../../src/services/signing-key/signing-key.service.js';
import { eventually } from '../../support/eventually.js';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';
import { get, inBody, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
const second = await startProviderSite({ databaseUrl: site.config.database.url });
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** How far the clock of the rotation is ahead; tokens keep to real time. */
let aheadSeconds = 0;
const rotation = createSigningKeyService({
  orm: site.orm,
  sealer: createSealer(site.secrets.keys, 'signing-key'),
  clock: () => new Date(Date.now() + aheadSeconds * 1000),
  audit: site.audit,
  longestTokenSeconds: 3600,
});

const owner = await site.anAccount();
const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id });
const restricted = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], ownerId: owner.id });
await site.clients.restrict(
  restricted.clientId,
  { mode: 'SCOPED_JWT', organizations: [], providers: [], scopes: [] },
  systemActor,
);

async function aJwt(it: ProviderSite, of = client): Promise<string> {
  const form = { grant_type: 'client_credentials', token_type: 'jwt', ...inBody(of) };
  const { status, body } = await post(`${it.url}/oauth2/token/`, form);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return String(body.access_token);
}

const kidsAt = async (it: ProviderSite): Promise<string[]> => {
  const { body } = await get(`${it.url}/oauth2/jwks`);
  return Array.isArray(body.keys) ? body.keys.map((key) => String(Object(key).kid)) : [];
};
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const stateOf = async (kid: string | undefined) =>
  (await site.orm.em.fork().findOneOrFail(SigningKeyEntity, { kid: String(kid) })).state;

/** Partners who verify all the while: they keep the key set for as long as they may, and get tokens of every process. */
function startVerifying() {
  let isOver = false;
  let verified = 0;
  const failures: unknown[] = [];
  const partner = async (it: ProviderSite, of: typeof client) => {
    const keySet = createRemoteJWKSet(new URL(`${it.url}/oauth2/jwks`), { cooldownDuration: 0 });
    while (!isOver) {
      try {
        const token = await aJwt(it, of);
        await jwtVerify(token, keySet, { issuer: it.url });
        const me = await get(`${it.url}/api/users/me`, { authorization: `JWT ${token}` });
        if (me.status !== 200) throw new Error(`our own API answers ${me.status}`);
        verified++;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const partners = [site, second].flatMap((it) => [partner(it, client), partner(it, restricted)]);
  return {
    verified: () => verified,
    async stop() {
      isOver = true;
      await Promise.all(partners);
      return failures;
    },
  };
}

test('a rotation goes by steps in all processes, and nobody who verifies fails for a moment', async () => {
  const first = { tokens: await aJwt(site), restricted: await aJwt(site, restricted) };
  const verifying = startVerifying();
  const published = await rotation.rotate({}, systemActor);
  expect(published.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'PUBLISHED'));
  const kids = published.map(({ kid }) => kid);
  for (const it of [site, second])
    await eventually('the new keys are published', async () => {
      const seen = await kidsAt(it);
      return seen.length === 8 && kids.every((kid) => seen.includes(kid));
    });

  aheadSeconds = 299;
  expect(await rotation.advance()).toEqual({ activated: [], retired: [] });
  expect(kids).not.toContain(kidOf(await aJwt(site)));

  aheadSeconds = 400;
  const steps = await Promise.all([rotation.advance(), rotation.advance()]);
  expect(steps.flatMap(({ activated }) => activated).sort()).toEqual([...kids].sort());
  for (const it of [site, second])
    for (const of of [client, restricted])
      await eventually('the new key signs', async () => kids.includes(String(kidOf(await aJwt(it, of)))));
  expect(await stateOf(kidOf(first.tokens))).toBe('RETIRING');
  expect(kidOf(await aJwt(site))).not.toBe(kidOf(await aJwt(site, restricted)));
  for (const token of Object.values(first))
    expect((await get(`${site.url}/api/users/me`, { authorization: `JWT ${token}` })).status).toBe(200);

  aheadSeconds = 400 + 3600;
  expect((await rotation.advance()).retired).toEqual([]);
  const before = verifying.verified();
  await eventually('verifying goes on', async () => verifying.verified() > before + 8);
  expect(await verifying.stop()).toEqual([]);

  aheadSeconds = 400 + 3600 + 120;
  expect((await rotation.advance()).retired).toHaveLength(4);
  for (const it of [site, second])
    await eventually('the old keys are withdrawn', async () => (await kidsAt(it)).length === 4);
  expect(await stateOf(kidOf(first.tokens))).toBe('RETIRED');
  expect((await get(`${site.url}/api/users/me`, { authorization: `JWT ${first.tokens}` })).status).toBe(401);
});

test('a rotation that is under way is not begun again', async () => {
  const once = await rotation.rotate({ algorithm: 'ES256' }, systemActor);
  expect(once).toHaveLength(1);
  const again = await Promise.all([
    rotation.rotate({ algorithm: 'ES256' }, systemActor),
    rotation.rotate({}, systemActor),
  ]);
  expect(again[0]?.map(({ kid }) => kid)).toEqual(once.map(({ kid }) => kid));
  expect(again[1]).toHaveLength(4);
  expect(again[1]?.map(({ kid }) => kid)).toContain(once[0]?.kid);
  await expect(rotation.rotate({ purpose: 'restricted', algorithm: 'ES256' }, systemActor)).rejects.toMatchObject({
    reason: 'NO_SUCH_KEY',
  });
});

test('ID tokens follow too, and each step is in the audit', async () => {
  const account = await site.anAccount();
  const web = await site.aClient();
  const idTokenKid = async () =>
    kidOf(String((await obtainTokens(site, web, account.username, { scope: 'openid' })).id_token));
  const old = await idTokenKid();
  aheadSeconds += 400;
  const { activated } = await rotation.advance();
  await eventually('the new key signs ID tokens', async () => (await idTokenKid()) !== old);
  expect(activated).toContain(await idTokenKid());
  const acts = await site.orm.em
    .fork()
    .execute<{ action: string }[]>(
      `select action from audit_event where action like 'signing-key.%' and detail ->> 'kid' = ?`,
      [String(await idTokenKid())],
    );
  expect(acts.map(({ action }) => action).sort()).toEqual(['signing-key.activated', 'signing-key.created']);
});
