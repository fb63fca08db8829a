import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const courseKeyPattern = /^course-v1:[\p{L}\p{N}_\-~.:]+\+[\p{L}\p{N}_\-~.:]+\+[\p{L}\p{N}_\-~.:]+$/u;
const longestKey = 255;

/** Key of a course run. Input is checked, output is the LMS's own spelling. */
export const CourseKeyScalar = new GraphQLScalarType<string, string>({
  name: 'CourseKey',
  description: 'Key of a course run in the LMS, `course-v1:Org+Course+Run`, in its exact case.',
  serialize: (value) => String(value),
  parseValue: readCourseKey,
  parseLiteral: (node) => readCourseKey(node.kind === Kind.STRING ? node.value : undefined),
});

function readCourseKey(value: unknown): string {
  if (typeof value === 'string' && value.length <= longestKey && courseKeyPattern.test(value)) return value;
  throw new GraphQLError('A course key looks like course-v1:Org+Course+Run.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
