import { Field, ObjectType } from 'type-graphql';
import type { LearningLoaders } from '../../datasources/learning-loaders.js';
import type { LmsCertificate } from '../../datasources/lms/certificates.js';
import type { Sourced } from '../../datasources/sourced.js';
import { Access } from '../access/access.decorator.js';
import { Freshness, toFreshness } from '../upstream/freshness.type.js';

/** A certificate as the LMS has it. Its course run is in the resolver. */
@Access()
@ObjectType('Certificate', { description: 'A certificate of a learner for a course run.', simpleResolvers: true })
export class CertificateType {
  courseKey!: string;

  @Field(() => String, { description: 'Word of the LMS, e.g. `downloadable`.' })
  status!: string;

  @Field(() => String, { nullable: true, description: 'Mode in which it was earned, e.g. `verified`.' })
  type!: string | null;

  @Field(() => String, { nullable: true, description: 'The same as `type`, by the name that enrollments have for it.' })
  mode!: string | null;

  @Field(() => String, { nullable: true, description: 'Grade printed on it, `0.0` to `1.0`.' })
  grade!: string | null;

  @Field(() => String, { nullable: true, description: 'Where the document can be had.' })
  downloadUrl!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Page of the LMS on which anybody can check it; null for one that has none.',
  })
  verifyUrl!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it was made.' })
  createdAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it last changed.' })
  modifiedAt!: Date | null;

  @Field(() => Freshness, { nullable: true, description: 'How recent it is.' })
  freshness!: Freshness | null;
}

/** @param links - where pages of certificates are in the LMS */
export function toCertificate(
  certificate: Omit<LmsCertificate, 'username' | 'isPassing'>,
  sourced: Omit<Sourced<unknown>, 'value'>,
  { certificatePage }: Pick<LearningLoaders, 'certificatePage'>,
): CertificateType {
  const { courseKey, status, type, grade, downloadUrl, createdAt, modifiedAt, uuid } = certificate;
  const verifyUrl = status === 'downloadable' && uuid !== null ? certificatePage(uuid) : null;
  const dates = { createdAt, modifiedAt, freshness: toFreshness(sourced) };
  return { courseKey, status, type, mode: type, grade, downloadUrl, verifyUrl, ...dates };
}
