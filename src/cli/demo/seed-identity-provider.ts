import type { AppContext } from '../../app/context.js';
import { systemActor } from '../../services/actor.js';
import { demoClientIds } from './demo-environment.js';
import { demoOrganization } from './programs.js';

/** The sandbox's university, as Portico's client there. */
export interface DemoUniversity {
  url: string;
  clientSecret: string;
}

/** Lets the learners of the demo's university sign in there. */
export async function seedIdentityProvider(
  { services: { identityProviders } }: AppContext,
  { url, clientSecret }: DemoUniversity,
): Promise<void> {
  await identityProviders.ensure(
    {
      slug: 'demou',
      organizationKey: demoOrganization.key,
      kind: 'OIDC',
      label: demoOrganization.name,
      issuer: url,
      clientId: demoClientIds.identity,
      clientSecret,
      keyClaim: 'student_key',
    },
    systemActor,
  );
}
