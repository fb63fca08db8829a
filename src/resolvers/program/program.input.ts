import { Extensions, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import { Access } from '../access/access.decorator.js';
import { UserError } from '../user-error.type.js';
import { ProgramPermissionEnum } from './program.enums.js';
import { ProgramType } from './program.type.js';

@Extensions({ oneOf: true })
@InputType('ProgramBy', { description: 'What a program is found by: exactly one.' })
export class ProgramBy {
  @Field(() => ID, { nullable: true, description: 'Id of the object.' })
  id?: string;

  @Field(() => String, { nullable: true, description: 'Key, in any letter case.' })
  key?: string;

  @Field(() => String, { nullable: true, description: 'Id in Discovery and the LMS.' })
  uuid?: string;
}

@InputType('ProgramFilter', { description: 'Which programs: all that is given must hold.' })
export class ProgramFilter {
  @Field(() => String, { nullable: true, description: 'Key of the managing organization, in any letter case.' })
  org?: string | null;

  @Field(() => String, { nullable: true, description: 'Part of the title, whatever its case.' })
  titleContains?: string | null;

  @Field(() => String, { nullable: true, description: 'Type, e.g. `masters`.' })
  typeSlug?: string | null;

  @Field(() => ProgramPermissionEnum, {
    nullable: true,
    description: 'What the caller may do with it. READ_METADATA without it.',
  })
  hasPermission?: ProgramPermission | null;
}

@InputType('LinkProgramInput', { description: 'Which program a key stands for.' })
export class LinkProgramInput {
  @Field(() => String, { description: 'Key: letters, digits, “-” and “_”.' })
  key!: string;

  @Field(() => String, { description: 'Id in Discovery and the LMS.' })
  uuid!: string;

  @Field(() => String, { description: 'Key of the organization that manages it; one that is not known is made.' })
  organizationKey!: string;

  @Field(() => String, { nullable: true, description: 'Name of an organization that is made.' })
  organizationName?: string | null;
}

@InputType('UnlinkProgramInput', { description: 'Which program is untied.' })
export class UnlinkProgramInput {
  @Field(() => String, { description: 'Key.' })
  key!: string;
}

@Access()
@ObjectType('LinkProgramPayload', { description: 'What `linkProgram` answers.', simpleResolvers: true })
export class LinkProgramPayload {
  @Field(() => ProgramType, { nullable: true, description: 'The program.' })
  program!: ProgramType | null;

  @Field(() => [UserError], { description: 'Why it was not done.' })
  userErrors!: UserError[];
}

@Access()
@ObjectType('UnlinkProgramPayload', { description: 'What `unlinkProgram` answers.', simpleResolvers: true })
export class UnlinkProgramPayload {
  @Field(() => ProgramType, { nullable: true, description: 'The program.' })
  program!: ProgramType | null;

  @Field(() => [UserError], { description: 'Why it was not done.' })
  userErrors!: UserError[];
}

@InputType('SyncProgramsInput', { description: 'Which programs are taken over.' })
export class SyncProgramsInput {
  @Field(() => [String], {
    nullable: true,
    description: 'Learners of these only; without it all active programs of Discovery, and the learners of all.',
  })
  programKeys?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Your own name for this request, so that a repeat is harmless.' })
  idempotencyKey?: string | null;
}

@InputType('RefreshProgramCacheInput', { description: 'Which programs are described anew.' })
export class RefreshProgramCacheInput {
  @Field(() => String, { nullable: true, description: 'Key of one; all without it.' })
  programKey?: string | null;
}

@Access()
@ObjectType('RefreshProgramCachePayload', { description: 'What `refreshProgramCache` answers.', simpleResolvers: true })
export class RefreshProgramCachePayload {
  @Field(() => [ProgramType], { description: 'The programs as they are described now.' })
  programs!: ProgramType[];

  @Field(() => [UserError], { description: 'Why it was not done.' })
  userErrors!: UserError[];
}
