import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { withUserErrors } from '../user-error.type.js';
import { AccessGrantConnection, AccessGrantType, accessGrantAccess, toAccessGrant } from './access-grant.type.js';
import {
  AccessGrantFilter,
  InviteProgramPartnerInput,
  InviteProgramPartnerPayload,
  RevokeProgramPartnerInput,
  RevokeProgramPartnerPayload,
} from './partner.input.js';

const grantingAccess: FieldAccess = { scope: 'accounts:write', role: 'ADMIN' };

/** Who works with which organizations and programs. */
@Resolver(() => AccessGrantType)
export class PartnerResolver {
  @Access(accessGrantAccess)
  @Query(() => AccessGrantConnection, {
    description: 'All roles of partners, invitations that wait for an account among them; oldest first.',
  })
  async accessGrants(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AccessGrantFilter, { nullable: true, description: 'Which grants.' })
    filter: AccessGrantFilter | null,
    @Ctx() { services }: GraphContext,
  ) {
    const { accountId, email, organizationKey, programKey, isPending } = filter ?? {};
    const wanted = {
      accountId: accountId == null ? undefined : readGlobalId('Account', accountId, 'filter.accountId'),
      email: email ?? undefined,
      organizationKey: organizationKey ?? undefined,
      programKey: programKey ?? undefined,
      isPending: isPending ?? undefined,
    };
    return toConnection(await services.partnerGrants.list(wanted, readPage(page)), toAccessGrant);
  }

  @Access(grantingAccess)
  @Mutation(() => InviteProgramPartnerPayload, {
    description:
      'Gives a partner a role in an organization or a program, by e-mail address, and tells them by mail. Whoever has no account yet has it as soon as an account shows to read mail there. Safe to repeat.',
  })
  inviteProgramPartner(
    @Arg('input', () => InviteProgramPartnerInput, { description: 'Whom, to what.' })
    { email, ...role }: InviteProgramPartnerInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<InviteProgramPartnerPayload> {
    return withUserErrors<Pick<InviteProgramPartnerPayload, 'grant'>>({ grant: null }, async () => {
      const { grant } = await services.partnerGrants.grant({ email }, role, actor, { isAnnounced: true });
      return { grant: toAccessGrant(grant) };
    });
  }

  @Access(grantingAccess)
  @Mutation(() => RevokeProgramPartnerPayload, {
    description: 'Takes a role of a partner back, or the invitation to it. Safe to repeat.',
  })
  revokeProgramPartner(
    @Arg('input', () => RevokeProgramPartnerInput, { description: 'From whom, what.' })
    { email, ...role }: RevokeProgramPartnerInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RevokeProgramPartnerPayload> {
    return withUserErrors<Pick<RevokeProgramPartnerPayload, 'grant'>>({ grant: null }, async () => {
      const [taken] = await services.partnerGrants.revoke({ email }, role, actor);
      return { grant: taken ? toAccessGrant(taken) : null };
    });
  }

  @FieldResolver(() => AccountType, { nullable: true, description: 'Who has it; null while nobody has.' })
  account(@Root() { accountId }: AccessGrantType, @Ctx() context: GraphContext): Promise<AccountType | null> {
    return loadAccount(accountId, context);
  }

  @Access(accessGrantAccess)
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who gave it; null for Portico itself.' })
  grantedBy(@Root() { grantedById }: AccessGrantType, @Ctx() context: GraphContext): Promise<AccountType | null> {
    return loadAccount(grantedById, context);
  }

  @FieldResolver(() => String, { description: 'Key of the organization, of a program that of its organization.' })
  async organizationKey(@Root() { targetId }: AccessGrantType, @Ctx() { stored }: GraphContext): Promise<string> {
    return (await stored.partnerTarget.load(targetId))?.organizationKey ?? '';
  }

  @FieldResolver(() => String, { nullable: true, description: 'Key of the program; null for a whole organization.' })
  async programKey(@Root() { targetId }: AccessGrantType, @Ctx() { stored }: GraphContext): Promise<string | null> {
    return (await stored.partnerTarget.load(targetId))?.programKey ?? null;
  }
}

/** Which roles an account has as a partner. */
@Resolver(() => AccountType)
export class AccountPartnerResolver {
  @Access({ ...accessGrantAccess, own: true, ownScope: 'programs:read' })
  @FieldResolver(() => [AccessGrantType], { description: 'Roles as a partner, in organizations and programs.' })
  async accessGrants(@Root() { ownerId }: AccountType, @Ctx() { stored }: GraphContext): Promise<AccessGrantType[]> {
    return (await stored.partnerGrantsOf.load(ownerId)).map(toAccessGrant);
  }
}

async function loadAccount(id: string | null, { stored }: GraphContext): Promise<AccountType | null> {
  const row = id ? await stored.account.load(id) : undefined;
  return row ? toAccount(row) : null;
}
