import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type Provider from 'oidc-provider';
import type { HeadlessSessions } from '../../services/ports.js';
import type { SessionEnding } from './ending.js';

/** Marks a session that no person opened. It rides in the one member that the provider keeps and never reads into a decision. */
export const headlessAcr = 'portico:headless';

/** Whether a session is one of the exchange without a browser: short, unlisted, and good for the LMS's client only. */
export function isHeadless(session: { readonly acr?: string | undefined } | undefined): boolean {
  return session?.acr === headlessAcr;
}

/** Opens sessions for the exchange of a learner's API token. */
export function createHeadlessSessions({
  currentProvider,
  ending,
  lifetimeSeconds,
}: {
  currentProvider: () => Provider;
  ending: SessionEnding;
  lifetimeSeconds: number;
}): HeadlessSessions {
  return {
    async open(accountId) {
      const provider = currentProvider();
      const session = new provider.Session();
      session.loginAccount({ accountId, acr: headlessAcr, amr: [] });
      await session.save(lifetimeSeconds);
      return {
        cookieHeader: signCookie(provider, provider.cookieName('session'), session.jti),
        close: async () => {
          await ending.endByUid(session.uid);
        },
      };
    },
  };
}

/** @returns the value of a `Cookie` header, signed as the provider signs its cookies */
function signCookie(provider: Provider, name: string, value: string): string {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  provider.createContext(req, res).cookies.set(name, value, { signed: true });
  const lines = [res.getHeader('set-cookie') ?? []].flat().map(String);
  return lines.map((line) => line.split(';', 1)[0]).join('; ');
}
