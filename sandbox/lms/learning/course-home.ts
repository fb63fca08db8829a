import { notFound } from '../http/errors.js';
import { apiView, LmsCrash, type View } from '../http/view.js';

const KEY = '(?<course_key>[^/+]+\\+[^/+]+\\+[^/?]+)';

/** The learning front end's own API, as an installation without that front end answers it. */
export function courseHomeViews(): View[] {
  return [
    apiView(new RegExp(`^/api/course_home(?:/v1)?/outline/${KEY}$`), {
      profile: 'P1',
      anonymous: true,
      methods: {
        GET: () => {
          throw new LmsCrash('No outline was generated for this course.');
        },
      },
    }),
    // The course flag `course_home.course_home_mfe_progress_tab` is off.
    apiView(
      new RegExp(`^/api/course_home(?:/v1)?/progress/${KEY.replace('[^/?]+', '[^/?]+?')}(?:/(?<user_id>\\d+))?$`),
      {
        profile: 'P1',
        methods: {
          GET: () => {
            throw notFound();
          },
        },
      },
    ),
  ];
}
