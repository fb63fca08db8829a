import { Field, ObjectType } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { catalogAccess } from '../course-run/course-run.type.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';

/** What the runs of a course have in common. Title and runs are in the resolver. */
@Access(catalogAccess)
@ObjectType('Course', {
  description: 'A course, which is held in one or more runs.',
  implements: Node,
  simpleResolvers: true,
})
export class CourseType extends Node {
  @Field(() => String, { description: 'Organization and number, e.g. `DemoU+CS101`.' })
  key!: string;
}

export function toCourse(key: string): CourseType {
  return Object.assign(new CourseType(), { id: toGlobalId('Course', key), key });
}
