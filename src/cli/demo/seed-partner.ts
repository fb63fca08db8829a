import type { AppContext } from '../../app/context.js';
import { AppError } from '../../errors.js';
import { systemActor } from '../../services/actor.js';
import { demoClientIds } from './demo-environment.js';
import { demoPartner } from './people.js';
import { demoOrganization, demoPrograms } from './programs.js';

/** Ties the programs of the sandbox to their keys and lets the partner work with them; what is there already stays as it is. */
export async function seedPartner({ services, config, logger }: AppContext): Promise<void> {
  const { programs, partnerGrants, providerGrants, accounts } = services;
  await providerGrants.grant(demoClientIds.partner, `oa2-${config.lms.backend}`, systemActor);
  for (const { key, uuid } of demoPrograms)
    if (!(await programs.findByKey(key)))
      await programs.link(
        { key, uuid, organizationKey: demoOrganization.key, organizationName: demoOrganization.name },
        systemActor,
      );
  const partner = await accounts.findByUsername(demoPartner.username);
  if (partner)
    for (const role of ['ORGANIZATION_READ_WRITE_ENROLLMENTS', 'ORGANIZATION_READ_REPORTS'] as const)
      await partnerGrants.grant(
        { accountId: partner.id },
        { role, organizationKey: demoOrganization.key },
        systemActor,
      );
  try {
    await programs.describe(await programs.list(), { purpose: 'schedule' });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    logger.warn({ err: error }, 'the programs could not be read yet');
  }
}
