import { FieldResolver, Resolver, Root } from 'type-graphql';
import { CourseRunType, toCourseRun } from '../course-run/course-run.type.js';
import { CertificateType } from './certificate.type.js';

@Resolver(() => CertificateType)
export class CertificateResolver {
  @FieldResolver(() => CourseRunType, { description: 'The course run it is for.' })
  courseRun(@Root() certificate: CertificateType): CourseRunType {
    return toCourseRun(certificate.courseKey);
  }
}
