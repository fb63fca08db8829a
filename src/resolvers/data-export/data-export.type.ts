import { Field, Float, InputType, ObjectType } from 'type-graphql';
import type { DataExport, DataExportState } from '../../entities/data-export.entity.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';

const DataExportStateEnum = describeEnum<DataExportState>('DataExportState', 'How far a copy of data is.', {
  QUEUED: 'Being assembled.',
  READY: 'Ready to be downloaded at /account/data, signed in.',
});

@Access()
@ObjectType('DataExport', { description: 'A copy of a person’s data that they asked for.', simpleResolvers: true })
export class DataExportType {
  @Field(() => DataExportStateEnum, { description: 'How far it is.' })
  state!: DataExportState;

  @Field(() => Date, { description: 'When it was asked for.' })
  requestedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was ready.' })
  readyAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Until when it can be downloaded.' })
  expiresAt!: Date | null;

  @Field(() => Float, { nullable: true, description: 'Size in bytes.' })
  sizeBytes!: number | null;
}

@InputType('RequestDataExportInput', {
  description: 'Proof that it is the person themselves; not needed within ten minutes of a sign-in.',
})
export class RequestDataExportInput {
  @Field(() => String, { nullable: true, description: 'The present password.' })
  currentPassword?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A code of the authenticator app, or a recovery code, from whoever has them.',
  })
  code?: string | null;
}

export function toDataExport(row: DataExport): DataExportType {
  return Object.assign(new DataExportType(), {
    state: row.state,
    requestedAt: row.createdAt,
    readyAt: row.readyAt ?? null,
    expiresAt: row.expiresAt ?? null,
    sizeBytes: row.sizeBytes ?? null,
  });
}
