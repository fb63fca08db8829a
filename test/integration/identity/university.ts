import { systemActor } from '../../../src/services/actor.js';
import { Browser } from '../../support/browser.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { testClients } from '../../support/settings.js';

/** A gateway whose organization `DemoU` has the sandbox's university as its identity provider. */
export interface University extends AsyncDisposable {
  site: GraphSite;
  newBrowser(): Browser;
  /** Goes to the university and back as one of its people; as nobody: says no there. */
  signIn(browser: Browser, person: string, options?: { next?: string }): Promise<Awaited<ReturnType<Browser['go']>>>;
  /** The address that the university sends the browser back to. */
  answerOf(browser: Browser, person: string): Promise<string>;
  spoil(mode: string | null): Promise<void>;
  setPeople(people: readonly object[]): Promise<void>;
  audited(action: string): Promise<{ outcome: string; detail: unknown }[]>;
}

const spec = {
  slug: 'demou',
  organizationKey: 'DemoU',
  kind: 'OIDC',
  label: 'Demo University',
  clientId: testClients.identity.clientId,
  clientSecret: testClients.identity.clientSecret,
  keyClaim: 'student_key',
} as const;

export async function startUniversity(env: Record<string, string> = {}): Promise<University> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await startGraphSite({ worker: true, env }));
  const { context, sandbox } = site.gateway;
  const { services, orm } = context;
  const { identityUrl } = sandbox;
  await services.installation.apply({ organizations: [{ key: 'DemoU', name: 'Demo University' }] });
  await services.identityProviders.ensure({ ...spec, issuer: identityUrl }, systemActor);
  const put = async (path: string, body: unknown) => {
    const response = await fetch(`${identityUrl}/_sandbox/${path}`, { method: 'PUT', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the university answered ${response.status}`);
  };

  const answerOf: University['answerOf'] = async (browser, person) => {
    const away = await browser.go('/login/with/demou');
    if (!away.url.startsWith(identityUrl)) throw new Error(`not at the university: ${away.url} ${away.text}`);
    return decide(away.url, person);
  };
  const decide = async (url: string, person: string) => {
    const form = new URLSearchParams(new URL(url).searchParams);
    form.set('person', person);
    const response = await fetch(`${identityUrl}/authorize`, { method: 'POST', body: form, redirect: 'manual' });
    const location = response.headers.get('location');
    if (!location) throw new Error(`the university did not send the person back: ${await response.text()}`);
    return location;
  };

  const resources = stack.move();
  return {
    site,
    newBrowser: () => new Browser(site.url),
    answerOf,
    async signIn(browser, person, { next } = {}) {
      const query = next === undefined ? '' : `?next=${encodeURIComponent(next)}`;
      const away = await browser.go(`/login/with/demou${query}`);
      return browser.go(await decide(away.url, person));
    },
    spoil: (mode) => put('spoil', { mode }),
    setPeople: (people) => put('people', people),
    audited: (action) =>
      orm.em.fork().execute('select outcome, detail from audit_event where action = ? order by at, id', [action]),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
