import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { findDrift, type LinkDrift } from '../../services/edx-link/drift.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { readProgressFilter } from '../progress-filter.js';
import { selectedPaths } from '../selection.js';
import { withUserErrors } from '../user-error.type.js';
import { LinkDriftEnum } from './edx-link.enums.js';
import {
  EdxLinkFilter,
  EnsureEdxAccountInput,
  EnsureEdxAccountPayload,
  RepairEdxLinkInput,
  RepairEdxLinkPayload,
} from './edx-link.input.js';
import { EdxLinkConnection, EdxLinkEventType, EdxLinkType, toEdxLink, toEdxLinkEvent } from './edx-link.type.js';
import {
  identityFields,
  LmsUserType,
  ThirdPartyMappingType,
  toLmsIdentity,
  toLmsUser,
  toMapping,
} from './lms-user.type.js';

@Resolver(() => EdxLinkType)
export class EdxLinkResolver {
  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @Query(() => EdxLinkConnection, { description: 'All ties between accounts and LMS users, oldest first.' })
  async edxLinks(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => EdxLinkFilter, { nullable: true, description: 'Which links.' }) filter: EdxLinkFilter | null,
    @Ctx() { services }: GraphContext,
  ) {
    return toConnection(await services.edxLinks.search(readLinkFilter(filter), readPage(page)), toEdxLink);
  }

  @Access({
    scope: 'accounts:write',
    role: 'SUPPORT',
    own: true,
    ownScope: 'learning:write',
    owner: ownerByInput,
  })
  @Mutation(() => EnsureEdxAccountPayload, {
    description: 'Asks for an LMS account and answers at once; the account follows by itself. Safe to repeat.',
  })
  ensureEdxAccount(
    @Arg('input', () => EnsureEdxAccountInput, { description: 'Whose LMS account.' }) input: EnsureEdxAccountInput,
    @Ctx() { viewer, services, actor }: GraphContext,
  ): Promise<EnsureEdxAccountPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    return withUserErrors<Pick<EnsureEdxAccountPayload, 'edxLink'>>({ edxLink: null }, async () => ({
      edxLink: toEdxLink(await services.edxLinks.ensure(accountId, actor, optionsOf(input))),
    }));
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT' })
  @Mutation(() => RepairEdxLinkPayload, {
    description: 'Looks at a link anew and does what it lacks; answers at once. Safe to repeat.',
  })
  repairEdxLink(
    @Arg('input', () => RepairEdxLinkInput, { description: 'Whose link.' }) input: RepairEdxLinkInput,
    @Ctx() { viewer, services, actor }: GraphContext,
  ): Promise<RepairEdxLinkPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    return withUserErrors<Pick<RepairEdxLinkPayload, 'edxLink'>>({ edxLink: null }, async () => ({
      edxLink: toEdxLink(await services.edxLinks.repair(accountId, actor, optionsOf(input))),
    }));
  }

  @FieldResolver(() => AccountType, { description: 'Whose link it is.' })
  async account(@Root() link: EdxLinkType, @Ctx() { stored }: GraphContext): Promise<AccountType> {
    const row = await stored.account.load(link.ownerId);
    if (!row) throw new NotFoundError('The account is gone.');
    return toAccount(row);
  }

  @FieldResolver(() => LmsUserType, {
    nullable: true,
    complexity: 2,
    description: 'The user as the LMS has it, live; null when there is none.',
  })
  async lmsUser(
    @Root() { edxUsername, ownerId }: EdxLinkType,
    @Ctx() { stored, learning }: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<LmsUserType | null> {
    if (!edxUsername) return null;
    const isWholeAsked = [...selectedPaths(info, 1)].some((field) => !identityFields.has(field));
    if (isWholeAsked) return toLmsUser(await learning.lmsUser.load(edxUsername));
    const account = await stored.account.load(ownerId);
    return toLmsIdentity(await learning.lmsIdentity.load({ username: edxUsername, email: account?.email ?? null }));
  }

  @FieldResolver(() => ThirdPartyMappingType, {
    nullable: true,
    complexity: 2,
    description: 'What the LMS’s ID mapping says of this account, live; null when it knows nothing.',
  })
  async mapping(@Root() link: EdxLinkType, @Ctx() { learning }: GraphContext): Promise<ThirdPartyMappingType | null> {
    return link.remoteId ? toMapping(await learning.mapping.load(link.remoteId)) : null;
  }

  @FieldResolver(() => [LinkDriftEnum], {
    nullable: true,
    complexity: 4,
    description: 'Where Portico and the LMS disagree, live; empty for a link that is not there yet.',
  })
  async drift(@Root() link: EdxLinkType, @Ctx() { stored, learning }: GraphContext): Promise<LinkDrift[]> {
    const { state, edxUsername, remoteId } = link;
    if (state !== 'LINKED' || !edxUsername || !remoteId) return [];
    const [account, user, mapping] = await Promise.all([
      stored.account.load(link.ownerId),
      learning.lmsUser.load(edxUsername),
      learning.mapping.load(remoteId),
    ]);
    if (!account) throw new NotFoundError('The account is gone.');
    const lms = { user: user.value ?? null, mapping: mapping.value ?? null };
    return findDrift(account, { state, edxUsername, remoteId }, lms);
  }

  @FieldResolver(() => [EdxLinkEventType], { description: 'Every step of the link’s life, oldest first.' })
  async history(@Root() link: EdxLinkType, @Ctx() { stored }: GraphContext): Promise<EdxLinkEventType[]> {
    return (await stored.edxLinkHistory.load(link.rowId)).map(toEdxLinkEvent);
  }
}

function readLinkFilter(filter: EdxLinkFilter | null): Parameters<GraphContext['services']['edxLinks']['search']>[0] {
  const { states, ...others } = filter ?? {};
  return { ...(states && { states }), ...readProgressFilter(others) };
}

function optionsOf({ idempotencyKey }: EnsureEdxAccountInput): { idempotencyKey?: string | undefined } {
  return { idempotencyKey: idempotencyKey ?? undefined };
}

@Resolver(() => EdxLinkEventType)
export class EdxLinkEventResolver {
  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who did it; null for Portico itself.' })
  async actor(@Root() event: EdxLinkEventType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = event.actorId ? await stored.account.load(event.actorId) : undefined;
    return row ? toAccount(row) : null;
  }
}
