import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { DownloadLink } from '../../services/operation/operation-files.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { DownloadLinkType } from '../operation/download.resolver.js';
import { programAccess } from '../organization/organization.type.js';
import { requireProgram } from '../program/require-program.js';
import { DateScalar } from '../scalars/date.scalar.js';
import { ProgramReportType, toProgramReport } from './program-report.type.js';

@Resolver(() => ProgramReportType)
export class ProgramReportResolver {
  @Access(programAccess)
  @Query(() => [ProgramReportType], {
    nullable: true,
    description: 'Reports of a program, the newest first. For who has READ_REPORTS there.',
  })
  async programReports(
    @Arg('programKey', () => String, { description: 'Key of the program.' }) programKey: string,
    @Arg('createdSince', () => DateScalar, {
      nullable: true,
      description: 'The first day of which reports are wanted.',
    })
    createdSince: Date | null,
    @Ctx() context: GraphContext,
  ): Promise<ProgramReportType[]> {
    const program = await requireProgram(context, programKey, 'READ_REPORTS');
    const since = createdSince?.toISOString().slice(0, 10);
    return (await context.services.programReports.list(program, { since })).map(toProgramReport);
  }

  @FieldResolver(() => DownloadLinkType, {
    nullable: true,
    description: 'The file, by a fresh address; null when it has just gone.',
  })
  download(@Root() { row }: ProgramReportType, @Ctx() { services }: GraphContext): Promise<DownloadLink | null> {
    return services.programReports.link(row);
  }
}
