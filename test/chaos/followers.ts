import type { AppContext } from '../../src/app/context.js';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { connect, type GraphConnection } from '../support/graph-socket.js';

/** A learner who follows their grades by a socket, and looks at their dashboard. */
export interface Follower extends AsyncDisposable {
  username: string;
  /** What the socket told last. */
  told(): number | undefined;
  /** @returns the status of the answer, and the grade in it */
  look(courseKey: string): Promise<{ status: string; percent: number | undefined }>;
}

const changed = 'subscription { gradeChanged { grade { percent } } }';
const dashboard = '{ viewer { enrollments(first: 50) { nodes { courseRun { courseKey } grade { percent } } } } }';

/** Accounts of LMS users of these names, each with a token of their own and a socket. */
export async function createFollowers(
  { orm, services }: AppContext,
  url: string,
  usernames: readonly string[],
): Promise<Follower[]> {
  const followers: Follower[] = [];
  for (const username of usernames) {
    const account = await services.accounts.create(
      { username, email: `${username}@example.org`, name: username, isEmailVerified: true, isEdxAccountWanted: false },
      systemActor,
    );
    const em = orm.em.fork();
    const link = { state: 'LINKED' as const, edxUsername: username, remoteId: username, linkedAt: new Date() };
    await em.nativeUpdate(EdxLinkEntity, { accountId: account.id }, link);
    await em.nativeUpdate(AccountEntity, { id: account.id }, { emailVerifiedAt: new Date() });
    const { client, secret = '' } = await services.oauthClients.create(
      {
        name: `Client of ${username}`,
        type: 'CONFIDENTIAL',
        grantTypes: ['CLIENT_CREDENTIALS'],
        scopes: ['learning:read'],
        ownerId: account.id,
      },
      systemActor,
    );
    followers.push(await follow(username, url, { clientId: client.clientId, secret }));
  }
  return followers;
}

async function follow(
  username: string,
  url: string,
  { clientId, secret }: { clientId: string; secret: string },
): Promise<Follower> {
  const granted = await fetch(`${url}/oauth2/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'learning:read' }),
  });
  const { access_token: token } = (await granted.json()) as { access_token?: string };
  if (!token) throw new Error(`no token for ${username}: ${granted.status}`);
  const authorization = `Bearer ${token}`;
  const connection = connect({ url, connectionParams: { Authorization: authorization } });
  const heard = listen(connection);
  return {
    username,
    told: () => heard.percent,
    async look(courseKey) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query: dashboard }),
      }).catch(() => undefined);
      const body = (await answer?.json().catch(() => undefined)) as Dashboard | undefined;
      const row = body?.data?.viewer?.enrollments.nodes.find((node) => node.courseRun.courseKey === courseKey);
      const status = answer === undefined ? 'unreachable' : body?.errors ? 'errors' : String(answer.status);
      return { status, percent: row?.grade?.percent };
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

interface Dashboard {
  errors?: unknown;
  data?: {
    viewer: {
      enrollments: { nodes: { courseRun: { courseKey: string }; grade: { percent: number } | null }[] };
    } | null;
  };
}

/** Until the socket is closed. */
function listen(connection: GraphConnection): { percent: number | undefined } {
  const heard: { percent: number | undefined } = { percent: undefined };
  const subscribed = connection.subscribe<{ gradeChanged: { grade: { percent: number } } }>(changed);
  void (async () => {
    for (;;) {
      const { data } = await subscribed.next();
      if (data) heard.percent = data.gradeChanged.grade.percent;
    }
  })().catch(() => undefined);
  return heard;
}
