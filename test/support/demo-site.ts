import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { seedDemo } from '../../src/cli/demo/seed-demo.js';
import { launchBrowser } from './chromium.js';
import { pullLever, type SandboxLevers, sandboxLevers } from './sandbox-levers.js';
import { testClients } from './settings.js';
import { type Gateway, startGateway } from './start-gateway.js';

/** The whole product with its demo, and a real browser. */
export interface DemoSite extends AsyncDisposable {
  gateway: Gateway;
  /** Portico; without trailing slash. */
  url: string;
  /** The sandbox LMS; without trailing slash. */
  lmsUrl: string;
  browser: Browser;
  /** A browser of its own: nothing remembered, nothing shared. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  lms: SandboxLevers;
  /** Everything that the sandbox's mail catcher holds. */
  mails(): Promise<{ to: string; subject: string; text: string }[]>;
}

export async function startDemoSite(env: Record<string, string> = {}): Promise<DemoSite> {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await startGateway({ sandbox: 'demo', worker: true, env }));
  await seedDemo(
    gateway.context,
    {
      lmsClientSecret: testClients.sso.clientSecret,
      partnerClientSecret: 'test-partner-client-secret-0123456789',
    },
    { url: gateway.sandbox.identityUrl, clientSecret: testClients.identity.clientSecret },
  );
  const browser = stack.adopt(await launchBrowser(), (it) => it.close());
  const { lmsUrl } = gateway.sandbox;
  const resources = stack.move();
  return {
    gateway,
    url: gateway.url,
    lmsUrl,
    browser,
    newPage: async (options) => {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(20_000);
      return page;
    },
    lms: sandboxLevers(lmsUrl),
    mails: async () => (await pullLever(lmsUrl, 'GET', 'mail')) as Awaited<ReturnType<DemoSite['mails']>>,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
