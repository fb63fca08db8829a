import { Field, ObjectType } from 'type-graphql';
import type { Organization } from '../../entities/organization.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';

/**
 * Programs, their learners and their enrollments. What a caller may see of them hangs on grants, program by program: every field
 * that leads here asks for them, and the types themselves for a scope alone.
 */
export const programAccess: FieldAccess = { scope: 'programs:read' };
/** The same where one's own learning is among it. */
export const programLearningAccess: FieldAccess = { scope: 'programs:read learning:read' };

@Access(programLearningAccess)
@ObjectType('Organization', {
  description: 'A school or partner that programs and learners belong to.',
  implements: Node,
  simpleResolvers: true,
})
export class OrganizationType extends Node {
  @Field(() => String, { description: 'Key, as in course keys, e.g. `DemoU`.' })
  key!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;
}

export function toOrganization({ id, key, name }: Organization): OrganizationType {
  return Object.assign(new OrganizationType(), { id: toGlobalId('Organization', id), key, name });
}
