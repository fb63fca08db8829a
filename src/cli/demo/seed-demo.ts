import type { AppContext } from '../../app/context.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { systemActor } from '../../services/actor.js';
import { enqueueLearnUserIds } from '../../services/edx-link/lms-user-ids.js';
import { lockLink, moveLink } from '../../services/edx-link/transition.js';
import { demoClientIds } from './demo-environment.js';
import type { DemoSecrets } from './demo-secrets.js';
import { type DemoPerson, demoPartner, demoPeople } from './people.js';
import { type DemoUniversity, seedIdentityProvider } from './seed-identity-provider.js';
import { seedPartner } from './seed-partner.js';

type ClientSecrets = Pick<DemoSecrets, 'lmsClientSecret' | 'partnerClientSecret'>;

/**
 * Gives a fresh database the demo: people, clients, the course runs of the sandbox. A database with anybody else in it gets no
 * people; a run that was cut short is completed by the next.
 *
 * @param university - where the learners of `DemoU` sign in, if the sandbox is there
 */
export async function seedDemo(
  context: AppContext,
  secrets: ClientSecrets,
  university?: DemoUniversity,
): Promise<void> {
  const usernames = demoPeople.map(({ username }) => username);
  const strangers = await context.orm.em.fork().count(AccountEntity, { username: { $nin: usernames } });
  if (strangers === 0) await Promise.all(demoPeople.map((person) => ensurePerson(context, person)));
  await Promise.all([ensureClients(context, secrets), readCourseRuns(context)]);
  await seedPartner(context);
  if (university) await seedIdentityProvider(context, university);
}

async function ensurePerson(
  { orm, clock, config, services: { accounts } }: AppContext,
  { username, email, name, password, roles, isInLms }: DemoPerson,
): Promise<void> {
  const account =
    (await accounts.findByUsername(username)) ??
    (await accounts.create(
      { username, email, name, password, roles, isEmailVerified: true, isEdxAccountWanted: false },
      systemActor,
    ));
  if (!isInLms) return;
  await orm.em.fork().transactional(async (tx) => {
    const link = await lockLink(tx, account.id);
    if (link?.state !== 'NOT_LINKED') return;
    const now = clock();
    Object.assign(link, { edxUsername: username, remoteId: username, linkedAt: now });
    await moveLink(tx, link, 'LINKED', { actor: systemActor, cause: 'demo', detail: { lms: config.lms.baseUrl } }, now);
    await enqueueLearnUserIds(tx, now);
  });
}

async function ensureClients({ config, services }: AppContext, secrets: ClientSecrets): Promise<void> {
  const { browserUrl, backend, clientName } = config.lms;
  const partner = await services.accounts.findByUsername(demoPartner.username);
  await services.oauthClients.ensure(
    {
      clientId: demoClientIds.lms,
      secret: secrets.lmsClientSecret,
      name: clientName,
      type: 'CONFIDENTIAL',
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: [`${browserUrl}/auth/complete/${backend}/`],
      scopes: ['user:read'],
      skipConsent: true,
      requirePkce: false,
      allowRedirectState: true,
    },
    systemActor,
    { keepsRedirectUris: true },
  );
  await services.oauthClients.ensure(
    {
      clientId: demoClientIds.partner,
      secret: secrets.partnerClientSecret,
      name: 'DemoU student information system',
      type: 'CONFIDENTIAL',
      grantTypes: ['CLIENT_CREDENTIALS'],
      scopes: ['programs:read', 'programs:write', 'tpa:read'],
      ...(partner && { ownerId: partner.id }),
    },
    systemActor,
  );
}

/** The first start shows the catalogue at once; later ones leave it to the schedule. */
async function readCourseRuns({ services: { courseRuns }, logger }: AppContext): Promise<void> {
  const { rows } = await courseRuns.list({ withHidden: true }, { size: 1 });
  if (rows.length > 0) return;
  await courseRuns
    .sync({ purpose: 'schedule' })
    .catch((error: unknown) => logger.warn({ err: error }, 'the course runs could not be read yet'));
}
