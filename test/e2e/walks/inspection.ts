import type { Page, Response } from 'playwright-core';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import type { DemoSite } from '../../support/demo-site.js';
import { eventually } from '../../support/eventually.js';
import { problemsOf } from '../../support/page-problems.js';
import { routeHeader } from '../../support/route-watch.js';

const smallPhone = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

/** Looks at pages as somebody does who walks through them with a small phone, and keeps what is wrong with them. */
export interface Inspection {
  site: DemoSite;
  problems: string[];
  /** Patterns of the routes whose page was looked at, e.g. `/login/:uid`. */
  seen: Set<string>;
  newVisitor(): Promise<Visitor>;
}

export interface Visitor {
  page: Page;
  /** Looks at the page that is there. */
  check(name: string): Promise<void>;
  /** Goes to a page and looks at it. */
  visit(path: string): Promise<void>;
  press(button: string): Promise<void>;
  fill(fields: Record<string, string>): Promise<void>;
  /** @param password - left out, that of the accounts of `signUp` and of the demo */
  signIn(username: string, password?: string): Promise<void>;
  /** Makes an account, and signs in. */
  signUp(username: string): Promise<void>;
}

export const passwordOf = (username: string): string => `${username}-password-1`;

export function createInspection(site: DemoSite): Inspection {
  const problems: string[] = [];
  const seen = new Set<string>();
  const newVisitor = async (): Promise<Visitor> => {
    const page = await site.newPage(smallPhone);
    let route: string | undefined;
    page.on('response', (response) => {
      if (response.frame() !== page.mainFrame() || !response.request().isNavigationRequest()) return;
      const isPage = response.status() === 200 && response.request().method() === 'GET';
      route = isPage ? routeOf(response) : undefined;
    });
    const check = async (name: string) => {
      if (route !== undefined) seen.add(route);
      problems.push(...(await problemsOf(page, name)));
    };
    const press = (button: string) => page.getByRole('button', { name: button, exact: true }).first().click();
    const fill = async (fields: Record<string, string>) => {
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    };
    const signIn = async (username: string, password = passwordOf(username)) => {
      await fill({ 'E-mail address or username': username, Password: password });
      await press('Sign in');
    };
    return {
      page,
      check,
      visit: async (path) => {
        await page.goto(new URL(path, site.url).href);
        await check(path);
      },
      press,
      fill,
      signIn,
      signUp: async (username) => {
        await site.gateway.context.services.accounts.create(
          aNewAccount({
            username,
            email: `${username}@example.org`,
            name: 'Maximiliane Wolkenstein-Trostburg-Überlingen',
            password: passwordOf(username),
          }),
          systemActor,
        );
        await page.goto(`${site.url}/login`);
        await signIn(username);
        await page.waitForURL(`${site.url}/account`);
      },
    };
  };
  return { site, problems, seen, newVisitor };
}

/** The provider's pages have one route of the web server for all, and are told apart by their paths. */
function routeOf(response: Response): string | undefined {
  const route = response.headers()[routeHeader];
  return route?.endsWith('/*') ? new URL(response.url()).pathname.replace(/\/[\w-]{40,}$/, '/:uid') : route;
}

/** The link to a path in a mail to an address, once it has arrived. */
export function mailedLink(site: DemoSite, to: string, path: string): Promise<string> {
  return eventually(`a mail to ${to} with ${path}`, async () => {
    const mails = (await site.mails()).filter((mail) => JSON.stringify(mail.to).includes(to));
    return mails.flatMap(({ text }) => text.split(/\s/).filter((word) => word.startsWith(site.url + path))).at(-1);
  });
}

/** The six-digit code in a mail to an address, once it has arrived. */
export function mailedCode(site: DemoSite, to: string): Promise<string> {
  return eventually(`a code for ${to}`, async () => {
    const mails = (await site.mails()).filter((mail) => JSON.stringify(mail.to).includes(to));
    return mails.flatMap(({ text }) => /\b\d{6}\b/.exec(text) ?? []).at(-1);
  });
}
