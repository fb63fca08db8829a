import Provider from 'oidc-provider';
import { expect, test } from 'vitest';
import type { ClientDraft } from '../../../src/oauth/client/metadata.js';
import { createSectorChecks, type SectorChecks } from '../../../src/oauth/client/sector.js';

const uris = ['https://one.example.org/callback', 'https://two.example.org/callback'];
const draft: ClientDraft = {
  clientId: 'two-hosts',
  name: 'Two hosts',
  type: 'CONFIDENTIAL',
  grantTypes: ['AUTHORIZATION_CODE'],
  redirectUris: uris,
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  scopes: ['openid'],
  ownerId: null,
  skipConsent: false,
  requirePkce: true,
  securityProfile: 'STANDARD',
  allowRedirectState: false,
  metadata: { subject_type: 'pairwise', sector_identifier_uri: 'https://sector.example.org/list.json' },
};

/** @param answer - what is at every address */
function createChecks(answer: () => Response): { checks: SectorChecks; provider: Provider; asked: string[] } {
  const asked: string[] = [];
  const checks: SectorChecks = createSectorChecks(() => provider);
  const provider: Provider = new Provider('http://localhost', {
    subjectTypes: ['public', 'pairwise'],
    sectorIdentifierUriValidate: checks.isBeingChecked,
    fetch: async (input) => {
      asked.push(String(input));
      return answer();
    },
    extraClientMetadata: {
      properties: ['first_party', 'require_pkce', 'allow_redirect_state', 'owner_id', 'introspect_audiences'],
    },
  });
  return { checks, provider, asked };
}

test('a client of several hosts fits when the list has all of its redirect URIs', async () => {
  const { checks, asked } = createChecks(() => Response.json([...uris, 'https://three.example.org/callback']));
  await checks.check(draft);
  expect(asked).toEqual(['https://sector.example.org/list.json']);
});

test.each<[string, () => Response]>([
  ['lacks one of them', () => Response.json(uris.slice(1))],
  ['is no list', () => Response.json({ uris })],
  ['is not there', () => new Response('', { status: 404 })],
  ['leads elsewhere', () => Response.redirect('https://elsewhere.example.org/', 302)],
])('it does not when the list %s', async (_what, answer) => {
  const { checks } = createChecks(answer);
  await expect(checks.check(draft)).rejects.toMatchObject({
    field: ['sectorIdentifierUri'],
    reason: 'INVALID_METADATA',
  });
});

test('the list is asked for when a client is saved, and not each time that it is read', async () => {
  const { checks, provider, asked } = createChecks(() => Response.json(uris));
  await checks.check(draft);
  expect(
    checks.isBeingChecked(Object.assign(Object.create(provider.Client.prototype), { clientId: 'two-hosts' })),
  ).toBe(false);
  await checks.check({ ...draft, metadata: {} });
  expect(asked).toHaveLength(1);
});
