/** An LMS user as events name them: grade events by number only. */
export interface EventUser {
  lmsUserId: number;
  lmsUsername?: string;
}

/**
 * What an event of the LMS is about. No more of it is used: events come before their transaction is committed, in any order and
 * more than once, so that they say where to look, never what is there.
 */
export type LmsEvent =
  | { about: 'enrollment' | 'grade' | 'certificate'; user: EventUser; courseKey: string }
  | { about: 'user'; user: EventUser }
  | { about: 'course-run'; courseKey: string };
