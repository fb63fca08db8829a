import type { BrowserContextOptions, Page } from 'playwright-core';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount } from '../../support/account-services.js';
import type { DemoSite } from '../../support/demo-site.js';
import { eventually } from '../../support/eventually.js';
import { problemsOf } from '../../support/page-problems.js';

const smallPhone = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

/** Who walks, and what is done at each page. */
interface Manner {
  device: BrowserContextOptions;
  /** Name of the people that sign up on the way. */
  person: string;
  /** Name of the application that people are brought here by. */
  application: string;
  /** Looks at a page. @returns what is wrong with it */
  look(page: Page, name: string): Promise<string[]>;
}

/** Names as long as they get, on a phone as small as they get. */
const strictManner: Manner = {
  device: smallPhone,
  person: 'Maximiliane Wolkenstein-Trostburg-Überlingen',
  application: 'The Player of the Lectures of the Department of Astronomy',
  look: problemsOf,
};

/** Looks at pages as somebody does who walks through them, and keeps what is wrong with them. */
export interface Inspection extends Pick<Manner, 'person' | 'application'> {
  site: DemoSite;
  problems: string[];
  /** Paths of the pages that were looked at. */
  seen: Set<string>;
  newVisitor(): Promise<Visitor>;
}

export interface Visitor {
  page: Page;
  /** Looks at the page that is there. */
  check(name: string): Promise<void>;
  /** Goes to a page and looks at it. */
  visit(address: string): Promise<void>;
  press(button: string): Promise<void>;
  fill(fields: Record<string, string>): Promise<void>;
  /** @param password - left out, that of the accounts of `signUp` and of the demo */
  signIn(username: string, password?: string): Promise<void>;
  /** Makes an account, and signs in. */
  signUp(username: string): Promise<void>;
}

export const passwordOf = (username: string): string => `${username}-password-1`;

export function createInspection(site: DemoSite, manner = strictManner): Inspection {
  const { device, person, application, look } = manner;
  const problems: string[] = [];
  const seen = new Set<string>();
  const newVisitor = async (): Promise<Visitor> => {
    const page = await site.newPage(device);
    let path: string | undefined;
    page.on('response', (response) => {
      if (response.frame() !== page.mainFrame() || !response.request().isNavigationRequest()) return;
      const isPage = response.status() === 200 && response.request().method() === 'GET';
      path = isPage ? new URL(response.url()).pathname : undefined;
    });
    const check = async (name: string) => {
      if (path !== undefined) seen.add(path);
      problems.push(...(await look(page, name)));
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
      visit: async (address) => {
        await page.goto(new URL(address, site.url).href);
        await check(address);
      },
      press,
      fill,
      signIn,
      signUp: async (username) => {
        await site.gateway.context.services.accounts.create(
          aNewAccount({
            username,
            email: `${username}@example.org`,
            name: person,
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
  return { site, person, application, problems, seen, newVisitor };
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
