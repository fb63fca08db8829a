import { Type } from 'typebox';
import type { CallOptions } from '../upstream/call.js';
import { createParser, createRowsParser } from '../upstream/parser.js';
import { encodeCoursePath, queryString } from '../upstream/query.js';
import { resolveUrl } from './courses.js';
import type { LmsClient } from './lms-client.js';
import { accepted } from './refusals.js';
import { Maybe } from './wire-types.js';

/** Where a learner goes on in a course run that they take part in. */
export interface LmsResumePoint {
  courseKey: string;
  /** Absolute: where they were last, else the run's own page. */
  url: string;
  hasBegun: boolean;
}

/** Learner home of the LMS, as its staff may look at it for somebody else; not throttled, slow for who takes part in much. */
export interface LearnerHomeReads {
  /** One for each active enrollment; empty for an unknown user. */
  resumePointsOf(username: string, options: CallOptions): Promise<LmsResumePoint[]>;
}

const parseHome = createParser('lms', Type.Object({ courses: Type.Array(Type.Unknown()) }));
const parseCards = createRowsParser(
  'lms',
  Type.Object({
    courseRun: Maybe(
      Type.Object({ courseId: Type.String(), homeUrl: Maybe(Type.String()), resumeUrl: Maybe(Type.String()) }),
    ),
  }),
);

export function createLearnerHomeReads(client: LmsClient): LearnerHomeReads {
  const root = client.browserUrl;
  return {
    resumePointsOf: (username, options) =>
      client.request(
        {
          operation: 'learner-home.read',
          family: 'learner-home',
          method: 'GET',
          path: `/api/learner_home/init${queryString({ user: username })}`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 404 && answer.isJson) return [];
            const { rows } = parseCards(parseHome(accepted('learner-home.read', answer)).courses);
            // A card without a run is an entitlement.
            return rows.flatMap(({ courseRun }) => {
              if (!courseRun) return [];
              const { courseId: courseKey, homeUrl, resumeUrl } = courseRun;
              const resume = resolveUrl(resumeUrl ?? null, root);
              const url = resume ?? absoluteUrl(homeUrl) ?? `${root}/courses/${encodeCoursePath(courseKey)}/course/`;
              return [{ courseKey, url, hasBegun: resume !== null }];
            });
          },
        },
        options,
      ),
  };
}

/** An LMS that was not told where its learning pages are writes `None/course/…`. */
function absoluteUrl(link: string | null | undefined): string | null {
  return link && /^https?:\/\//.test(link) && URL.canParse(link) ? link : null;
}
