import { Field, ObjectType } from 'type-graphql';
import type { ProgramReport } from '../../services/program-report/program-reports.js';
import { Access } from '../access/access.decorator.js';
import { programAccess } from '../organization/organization.type.js';
import { DateScalar } from '../scalars/date.scalar.js';

@Access(programAccess)
@ObjectType('ProgramReport', { description: 'A file about a program, made elsewhere.', simpleResolvers: true })
export class ProgramReportType {
  readonly row!: ProgramReport;

  @Field(() => String, { description: 'Name of the file.' })
  name!: string;

  @Field(() => DateScalar, { description: 'The day that its name tells.' })
  createdOn!: string;
}

export function toProgramReport(row: ProgramReport): ProgramReportType {
  return Object.assign(new ProgramReportType(), { row, name: row.name, createdOn: row.createdOn });
}
