import type { Program } from '../../../catalog/rows.js';
import { LmsCrash } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import type { SamlProvider } from '../../program-tables.js';

/** Backend of social-auth rows that an organization's own identity provider made: `uid` is `<slug>:<remote id>`. */
export const SAML_BACKEND = 'tpa-saml';

/**
 * Finds the LMS users behind the keys of a program's learners: by the identity providers of its first authoring
 * organization.
 *
 * @returns from a key, letter by letter, to its username. A key whose case is another than the remote id's is not
 *   found, although the database found its row: the next sign-in links it.
 * @throws LmsCrash when the program has no organization, or the LMS does not know it
 */
export function createKeyLookup({ state }: Lms, program: Program): (studentKey: string) => string | null {
  const [organizationKey] = program.organizations;
  if (organizationKey === undefined) throw new LmsCrash(`Program ${program.uuid} has no organization.`);
  if (state.catalog.organization(organizationKey)?.isInLms !== true)
    throw new LmsCrash(`The LMS has no organization ${organizationKey}.`);
  const providers = providersOf(state.programs.samlProviders.values(), organizationKey);
  return (studentKey) => {
    for (const { slug } of providers) {
      const link = state.link(SAML_BACKEND, `${slug}:${studentKey}`);
      if (link !== undefined) return link.username;
    }
    return null;
  };
}

function providersOf(providers: Iterable<SamlProvider>, organizationKey: string): SamlProvider[] {
  return [...providers].filter(({ organization }) => organization === organizationKey);
}
