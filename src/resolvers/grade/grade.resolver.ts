import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { Freshness } from '../upstream/freshness.type.js';
import { GradeType } from './grade.type.js';
import { GradeConnection, type GradePage } from './grade-connection.type.js';
import { SubsectionGradeType, toSubsectionGrade } from './subsection-grade.type.js';

@Resolver(() => GradeType)
export class GradeResolver {
  @FieldResolver(() => [SubsectionGradeType], {
    nullable: true,
    complexity: 3,
    description: 'Section by section, in the order of the course run, live; one call of the LMS for each grade.',
  })
  async subsections(
    @Root() { lmsUsername: username, courseKey }: GradeType,
    @Ctx() { learning }: GraphContext,
  ): Promise<SubsectionGradeType[] | null> {
    return (await learning.subsections.load({ username, courseKey })).value?.map(toSubsectionGrade) ?? null;
  }

  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @FieldResolver(() => AccountType, {
    nullable: true,
    description: 'Whose grade it is; null when no account is linked to the LMS user.',
  })
  async account(@Root() { lmsUsername }: GradeType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const link = await stored.edxLinkNamed.load(lmsUsername.toLowerCase());
    const row = link && (await stored.account.load(link.accountId));
    return row ? toAccount(row) : null;
  }
}

@Resolver(() => GradeConnection)
export class GradeConnectionResolver {
  @FieldResolver(() => Freshness, { nullable: true, description: 'How recent the LMS’s list behind it is.' })
  freshness(@Root() page: GradePage): Freshness | null {
    return page.freshness;
  }
}
