import type { RequestHandler } from '../lms/http/listener.js';
import { type Answer, createOpenId, json, type OpenIdClient, type Spoil } from './openid.js';
import { page, signInPage } from './pages.js';
import { DEMO_UNIVERSITY_PEOPLE, type UniversityPerson } from './people.js';
import { createSaml, type SamlSpoil } from './saml.js';

export interface IdentityProviderOptions {
  /** Without trailing slash. */
  readonly url: () => string;
  readonly porticoUrl: () => string;
  readonly client: OpenIdClient;
}

/** The sign-in of Demo University: an OpenID provider and a SAML identity provider without passwords. Its state is in memory only. */
export function identityProvider({ url, porticoUrl, client }: IdentityProviderOptions): RequestHandler {
  let people: readonly UniversityPerson[] = DEMO_UNIVERSITY_PEOPLE;
  let spoil: Spoil | SamlSpoil | undefined;
  const isOwnCallback = (uri: string) => uri.startsWith(`${porticoUrl()}/login/with/`) && uri.endsWith('/callback');
  const saml = createSaml({ issuer: url, isOwnCallback, spoil: () => spoil });
  const openId = createOpenId({
    issuer: url,
    client,
    isOwnRedirect: isOwnCallback,
    spoil: () => spoil,
  });

  const answer = async (
    call: string,
    query: URLSearchParams,
    body: Buffer,
    authorization?: string,
  ): Promise<Answer> => {
    switch (call) {
      case 'GET /':
        return html(200, page('Welcome', '<p>Sign in from the site that you want to use.</p>'));
      case 'GET /.well-known/openid-configuration':
        return openId.metadata();
      case 'GET /jwks':
        return openId.jwks();
      case 'GET /authorize': {
        const problem = openId.problemOf(query);
        return problem
          ? html(400, page('That did not work', `<p>${problem}</p>`))
          : html(200, signInPage(people, query, '/authorize'));
      }
      case 'POST /authorize': {
        const form = new URLSearchParams(body.toString());
        const problem = openId.problemOf(form);
        if (problem) return html(400, page('That did not work', `<p>${problem}</p>`));
        return openId.decide(
          form,
          people.find(({ sub }) => sub === form.get('person')),
        );
      }
      case 'GET /saml/key':
        return saml.key();
      case 'GET /saml/sso': {
        const problem = saml.problemOf(query);
        if (problem) return html(400, page('That did not work', `<p>${problem}</p>`));
        return html(200, signInPage(people, query, '/saml/sso'));
      }
      case 'POST /saml/sso': {
        const form = new URLSearchParams(body.toString());
        if (saml.problemOf(form)) return html(400, page('That did not work', '<p>unknown service</p>'));
        const [person, other] = [form.get('person'), form.get('other')].map((name) =>
          people.find(({ sub }) => sub === name),
        );
        return saml.decide(form, person, other);
      }
      case 'POST /token':
        return openId.token(new URLSearchParams(body.toString()), authorization);
      case 'GET /userinfo':
        return openId.userinfo(authorization);
      case 'PUT /_sandbox/people':
        people = JSON.parse(body.toString()) as UniversityPerson[];
        return json(200, people);
      case 'PUT /_sandbox/spoil':
        spoil = (JSON.parse(body.toString()) as { mode?: Spoil | SamlSpoil | null }).mode ?? undefined;
        return json(200, { mode: spoil ?? null });
      default:
        return html(404, page('Not found', '<p>There is nothing here.</p>'));
    }
  };

  return async (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url());
    const {
      status,
      type,
      body: content = '',
      location,
    } = await answer(`${request.method} ${pathname}`, searchParams, body, request.headers.authorization);
    response.writeHead(status, {
      ...(type && { 'content-type': type }),
      ...(location && { location }),
      'cache-control': 'no-store',
    });
    response.end(content);
  };
}

function html(status: number, body: string): Answer {
  return { status, type: 'text/html; charset=utf-8', body };
}
