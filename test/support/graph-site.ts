import type { Role } from '../../src/access/viewer.js';
import type { Clock } from '../../src/clock.js';
import { type Account, AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { systemActor } from '../../src/services/actor.js';
import type { GraphCaller } from './gql.js';
import { type SandboxLevers, sandboxLevers } from './sandbox-levers.js';
import { type Gateway, type GatewayOptions, startGateway } from './start-gateway.js';

/** A gateway in front of a sandbox LMS of its own, with people who hold real tokens. */
export interface GraphSite extends AsyncDisposable {
  url: string;
  gateway: Gateway;
  lms: SandboxLevers;
  /** An account; linked to the LMS user of the same name unless said otherwise. */
  aPerson(person: { username: string; roles?: Role[]; isLinked?: boolean }): Promise<Account>;
  /** Many linked accounts at once, as an import leaves them. */
  people(usernames: readonly string[]): Promise<void>;
  /** Somebody who calls the graph with an access token of these scopes. */
  caller(account: Account, scope: string): Promise<GraphCaller & { token: string }>;
}

export const testPassword = 'correct horse battery staple 9';
const learnerScope = 'learning:read learning:write';
export const staffScope = `accounts:read accounts:write ${learnerScope} clients:admin operations:admin`;

/** @param env - settings on top of those of the test */
export async function startGraphSite({
  env = {},
  worker = false,
  clock,
  eventBus,
}: {
  env?: Record<string, string>;
  worker?: boolean;
  clock?: Clock;
  eventBus?: GatewayOptions['eventBus'];
} = {}): Promise<GraphSite> {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(
    await startGateway({
      sandbox: 'demo',
      env,
      worker,
      ...(clock && { clock }),
      ...(eventBus && { eventBus, busPatience: { claimAfterMs: 1_000, careMs: 500, blockMs: 500, settleMs: 200 } }),
    }),
  );
  const { orm, services } = gateway.context;
  const { url } = gateway;
  const resources = stack.move();
  return {
    url,
    gateway,
    lms: sandboxLevers(gateway.sandbox.lmsUrl),
    async aPerson({ username, roles = [], isLinked = true }) {
      const email = `${username}@example.org`;
      const { id } = await services.accounts.create(
        { username, email, name: username, isEmailVerified: true, password: testPassword },
        systemActor,
      );
      const em = orm.em.fork();
      await em.nativeUpdate(AccountEntity, { id }, { roles });
      if (isLinked)
        await em.nativeUpdate(
          EdxLinkEntity,
          { accountId: id },
          { state: 'LINKED', edxUsername: username, remoteId: username, linkedAt: new Date() },
        );
      return em.findOneOrFail(AccountEntity, { id });
    },
    people: (usernames) =>
      orm.em.fork().transactional(async (tx) => {
        for (const username of usernames) {
          const account = tx.create(AccountEntity, { username, email: `${username}@example.org`, name: username });
          await tx.flush();
          tx.create(EdxLinkEntity, {
            accountId: account.id,
            state: 'LINKED',
            providerId: 'oa2-ol-oauth2',
            edxUsername: username,
            remoteId: username,
          });
        }
        await tx.flush();
      }),
    async caller(account, scope) {
      const { client, secret = '' } = await services.oauthClients.create(
        {
          name: `Test of ${account.username}`,
          type: 'CONFIDENTIAL',
          grantTypes: ['CLIENT_CREDENTIALS'],
          scopes: scope.split(' '),
          ownerId: account.id,
        },
        systemActor,
      );
      const answer = await fetch(`${url}/oauth2/token/`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
      });
      const { access_token: token } = (await answer.json()) as { access_token?: string };
      if (!token) throw new Error(`no token for ${account.username}: ${answer.status}`);
      return { url, token };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
