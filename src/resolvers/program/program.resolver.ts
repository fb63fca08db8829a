import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Program } from '../../entities/program.entity.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { DescribedProgram } from '../../services/program/describe.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId } from '../global-id.js';
import { OrganizationType, programAccess, toOrganization } from '../organization/organization.type.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { pageOfList } from '../page/page-of-list.js';
import { readPage } from '../page/read-page.js';
import { Freshness } from '../upstream/freshness.type.js';
import { ProgramPermissionEnum } from './program.enums.js';
import { ProgramBy, ProgramFilter } from './program.input.js';
import { ProgramConnection, ProgramCourseRunType, ProgramType, toCourseRuns, toProgram } from './program.type.js';
import { visiblePrograms } from './visible-programs.js';

@Resolver(() => ProgramType)
export class ProgramResolver {
  @Access(programAccess)
  @Query(() => ProgramType, {
    nullable: true,
    description: 'One program; null when there is none, or none that the caller may see.',
  })
  async program(
    @Arg('by', () => ProgramBy, { description: 'Which program.' }) by: ProgramBy,
    @Ctx() context: GraphContext,
  ): Promise<ProgramType | null> {
    const row = await findProgram(by, context);
    if (!row) return null;
    return (await context.programs.permissions.load(row)).size > 0 ? toProgram(row) : null;
  }

  @Access(programAccess)
  @Query(() => ProgramConnection, {
    description: 'Programs that the caller was granted something of, in the order in which they became known.',
  })
  async programs(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ProgramFilter, { nullable: true, description: 'Which programs.' })
    filter: ProgramFilter | null,
    @Ctx() context: GraphContext,
  ) {
    const visible = await visiblePrograms(context, filter?.hasPermission ?? 'READ_METADATA', filter?.org ?? undefined);
    const matching = await matchingPrograms(visible, filter, context);
    return toConnection(pageOfList(matching, readPage(page)), toProgram);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Title, as Discovery has it.' })
  async title(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await describe(program, context)).program.title ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Stable word of its type, e.g. `masters`.' })
  async typeSlug(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await describe(program, context)).program.typeSlug ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: '`active`, `unpublished`, `retired` or `deleted`, as Discovery has it.',
  })
  async status(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await describe(program, context)).program.status ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Page that presents it.' })
  async url(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await describe(program, context)).program.url ?? null;
  }

  @FieldResolver(() => [OrganizationType], { description: 'The organization that manages it.' })
  async organizations(@Root() { row }: ProgramType, @Ctx() { programs }: GraphContext): Promise<OrganizationType[]> {
    const organization = await programs.organization.load(row.organizationId);
    return organization ? [toOrganization(organization)] : [];
  }

  @Access(programAccess)
  @FieldResolver(() => [ProgramCourseRunType], {
    nullable: true,
    description: 'Its course runs; null while they are unknown, because Discovery never described it.',
  })
  async courseRuns(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<ProgramCourseRunType[] | null> {
    const described = await describe(program, context);
    return described.program.details ? toCourseRuns(described) : null;
  }

  @Access(programAccess)
  @FieldResolver(() => [ProgramPermissionEnum], { description: 'What the caller may do with it.' })
  async viewerPermissions(
    @Root() { row }: ProgramType,
    @Ctx() { programs }: GraphContext,
  ): Promise<ProgramPermission[]> {
    return [...(await programs.permissions.load(row))].sort();
  }

  @FieldResolver(() => Freshness, {
    nullable: true,
    description: 'How recent title, type, status and course runs are; null when Discovery never described it.',
  })
  async freshness(@Root() program: ProgramType, @Ctx() context: GraphContext): Promise<Freshness | null> {
    const { program: row, isStale } = await describe(program, context);
    return row.syncedAt ? { asOf: row.syncedAt, stale: isStale, source: 'discovery' } : null;
  }
}

function describe({ row }: ProgramType, { programs }: GraphContext): Promise<DescribedProgram> {
  return programs.described.load(row);
}

async function findProgram(by: ProgramBy, { services, programs }: GraphContext): Promise<Program | null | undefined> {
  if (by.key !== undefined) return services.programs.findByKey(by.key);
  if (by.uuid !== undefined) return services.programs.findByUuid(by.uuid);
  return programs.program.load(readGlobalId('Program', by.id ?? '', 'id'));
}

/** What a filter says of title and type can be judged only by what Discovery says of all of them: one call for a hundred. */
async function matchingPrograms(
  rows: readonly Program[],
  filter: ProgramFilter | null,
  { programs }: GraphContext,
): Promise<Program[]> {
  const { titleContains, typeSlug } = filter ?? {};
  if (titleContains == null && typeSlug == null) return [...rows];
  const described = await Promise.all(rows.map((row) => programs.described.load(row)));
  const text = titleContains?.trim().toLowerCase();
  return described
    .map(({ program }) => program)
    .filter((program) => text === undefined || (program.title ?? program.key).toLowerCase().includes(text))
    .filter((program) => typeSlug == null || program.typeSlug === typeSlug);
}
