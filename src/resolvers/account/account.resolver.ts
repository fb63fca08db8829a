import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AccountProfile } from '../../entities/account.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import { AuditEventConnection, toAuditEvent } from '../audit-event/audit-event.type.js';
import type { GraphContext } from '../context.js';
import { EdxLinkType, toEdxLink } from '../edx-link/edx-link.type.js';
import { parseGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { selectedPaths } from '../selection.js';
import { withUserErrors } from '../user-error.type.js';
import { AccountBy, AccountFilter, UpdateProfileInput, UpdateProfilePayload } from './account.input.js';
import { AccountConnection, AccountType, toAccount } from './account.type.js';
import { ownerByInput, requireAccountId } from './account-argument.js';
import { ClientGrantType, SessionType, toClientGrant, toSession } from './session.type.js';

const profileFields = ['country', 'state', 'birthYear', 'gender', 'company', 'jobTitle', 'languageCode'] as const;
const sessionAccess = { scope: 'accounts:read', role: 'SUPPORT', own: true } as const;

const needsLms = ['enrollments', 'certificates'];
const needsLink = ['edx', ...needsLms];

@Resolver(() => AccountType)
export class AccountResolver {
  @Access()
  @Query(() => AccountType, { nullable: true, description: 'The account that is signed in; null when nobody is.' })
  async viewer(
    @Ctx() { viewer, owner, stored, services }: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AccountType | null> {
    if (!viewer.account) return null;
    const { id } = viewer.account;
    if (owner) {
      stored.account.prime(id, owner.account);
      stored.edxLinkOf.prime(id, owner.edxLink);
    }
    // Most of what is wanted of an account needs its link, and what the LMS said of its learner: all is read at the same time.
    const paths = selectedPaths(info, 1);
    if (needsLink.some((field) => paths.has(field))) void stored.edxLinkOf.load(id).catch(() => undefined);
    if (needsLms.some((field) => paths.has(field))) services.learningAnswers.foresee(id, owner);
    const row = await stored.account.load(id);
    return row ? toAccount(row) : null;
  }

  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @Query(() => AccountType, { nullable: true, description: 'One account, by anything that identifies it.' })
  async account(
    @Arg('by', () => AccountBy, { description: 'Which account.' }) by: AccountBy,
    @Ctx() context: GraphContext,
  ): Promise<AccountType | null> {
    const row = await findAccount(by, context);
    return row ? toAccount(row) : null;
  }

  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @Query(() => AccountConnection, { description: 'All accounts, oldest first.' })
  async accounts(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AccountFilter, { nullable: true, description: 'Which accounts.' })
    filter: AccountFilter | null,
    @Ctx() { services }: GraphContext,
  ) {
    const { text, status, role } = filter ?? {};
    const found = await services.accounts.search(
      { ...(text != null && { text }), ...(status != null && { status }), ...(role != null && { role }) },
      readPage(page),
    );
    return toConnection(found, toAccount);
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT', own: true, owner: ownerByInput })
  @Mutation(() => UpdateProfilePayload, {
    description: 'Changes name and profile. The LMS follows by itself. Safe to repeat.',
  })
  updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'What changes.' }) input: UpdateProfileInput,
    @Ctx() { viewer, services, actor }: GraphContext,
  ): Promise<UpdateProfilePayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    const options = { idempotencyKey: input.idempotencyKey ?? undefined };
    return withUserErrors<Pick<UpdateProfilePayload, 'account'>>({ account: null }, async () => ({
      account: toAccount(await services.accounts.updateProfile(accountId, readPatch(input), actor, options)),
    }));
  }

  @FieldResolver(() => EdxLinkType, { description: 'The tie to the LMS; never null, since NOT_LINKED is a state.' })
  async edx(@Root() account: AccountType, @Ctx() { stored }: GraphContext): Promise<EdxLinkType> {
    const row = await stored.edxLinkOf.load(account.ownerId);
    if (!row) throw new NotFoundError('The account has no edX link.');
    return toEdxLink(row);
  }

  @Access(sessionAccess)
  @FieldResolver(() => [SessionType], { description: 'Where the person is signed in.' })
  async sessions(@Root() account: AccountType, @Ctx() { services, viewer }: GraphContext): Promise<SessionType[]> {
    const sessions = await services.signIn.list(account.ownerId);
    return sessions.map((session) => toSession(session, viewer.sessionUid));
  }

  @Access(sessionAccess)
  @FieldResolver(() => [ClientGrantType], { description: 'Clients that the person let in.' })
  async authorizedClients(@Root() account: AccountType, @Ctx() { services }: GraphContext): Promise<ClientGrantType[]> {
    return (await services.clientGrants.list(account.ownerId)).map((grant) => toClientGrant(grant, account.ownerId));
  }

  @Access({ scope: 'accounts:read', role: 'SUPPORT' })
  @FieldResolver(() => AuditEventConnection, {
    description: 'Security-relevant acts of or on the account, newest first.',
  })
  async auditEvents(
    @Root() account: AccountType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { services }: GraphContext,
  ) {
    return toConnection(await services.audit.list({ accountId: account.ownerId }, readPage(page)), toAuditEvent);
  }
}

async function findAccount(by: AccountBy, { services, stored }: GraphContext) {
  if (by.username !== undefined) return services.accounts.findByUsername(by.username);
  if (by.email !== undefined) return services.accounts.findByEmail(by.email);
  const id = by.id === undefined ? await linkedAccountId(by, services.edxLinks) : accountRowId(by.id);
  return id === undefined ? undefined : stored.account.load(id);
}

function accountRowId(id: string): string | undefined {
  const node = parseGlobalId(id);
  return node?.type === 'Account' ? node.key : undefined;
}

async function linkedAccountId(by: AccountBy, edxLinks: GraphContext['services']['edxLinks']) {
  const link =
    by.edxUsername !== undefined
      ? await edxLinks.findByEdxUsername(by.edxUsername)
      : await edxLinks.findByRemoteId(by.remoteId ?? '');
  return link?.accountId;
}

function readPatch(input: UpdateProfileInput): { name?: string; profile?: AccountProfile } {
  if (input.name === null)
    throw new InvalidInputError('The name cannot be emptied.', { field: ['name'], reason: 'BLANK' });
  const given = profileFields.filter((field) => input[field] !== undefined);
  const profile = Object.fromEntries(given.map((field) => [field, input[field]]));
  return {
    ...(input.name !== undefined && { name: input.name }),
    ...(given.length > 0 && { profile }),
  };
}
