import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { NotFoundError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import { ownAccountScopes } from '../account/account.type.js';
import { ownerByArgument, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import type { FollowedChanges } from '../subscription/change-topics.js';
import type { FollowableChange } from '../subscription/followable-change.js';
import { EdxLinkType, toEdxLink } from './edx-link.type.js';

type EdxLinkChanged = Extract<FollowableChange, { topic: 'edx-link' }>;

@Resolver()
export class EdxLinkSubscription {
  @Access({
    scope: 'accounts:read',
    role: 'STAFF',
    own: true,
    ownScope: ownAccountScopes,
    owner: ownerByArgument,
  })
  @Subscription(() => EdxLinkType, {
    description: 'Tells of each step in the life of an account’s tie to the LMS.',
    subscribe: ({ args, context }) => followEdxLink(args.accountId, context),
  })
  async edxLinkChanged(
    @Arg('accountId', () => ID, { nullable: true, description: 'Whose; one’s own without it. Another’s needs STAFF.' })
    _accountId: string | null,
    @Root() { accountId }: EdxLinkChanged,
    @Ctx() { stored }: GraphContext,
  ): Promise<EdxLinkType> {
    const row = await stored.edxLinkOf.load(accountId);
    if (!row) throw new NotFoundError('The account has no edX link.');
    return toEdxLink(row);
  }
}

function followEdxLink(
  id: string | null | undefined,
  { viewer, topics, services }: GraphContext,
): FollowedChanges<EdxLinkChanged> {
  const accountId = requireAccountId(id, viewer);
  return topics.follow({
    topic: 'edx-link',
    subject: accountId,
    catchUp: async () => {
      const links = await services.edxLinks.findByAccountIds([accountId]);
      return links.map((link) => ({ topic: 'edx-link', accountId, edxLinkId: link.id }));
    },
  });
}
