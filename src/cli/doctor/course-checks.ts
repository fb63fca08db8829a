import { demoCourses } from '../configure-instance/demo-courses.js';
import type { Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/** Whether the LMS lists courses to the service worker, and those of the set-up guide have begun. */
export async function checkCourses({ api, config }: Examination): Promise<Finding> {
  const keys = demoCourses.map(({ courseKey }) => courseKey);
  const { workerUsername, browserUrl } = config.lms;
  return find(
    'courses',
    async () => {
      const runs = await api.courses({ courseKeys: keys }, { purpose: 'request' });
      const future = runs.find(({ start }) => start !== null && start.getTime() > Date.now());
      if (future)
        throw new Trouble(`${future.courseKey} begins only in ${future.start?.getUTCFullYear()}`, {
          advice: `In Studio set the start of the course to a day that has passed (Settings, Schedule & Details), or run: manage.py cms shell, and save its start there. The default is 2030. ${browserUrl} lets nobody in before.`,
        });
      if (runs.length === 0) return `${workerUsername} may list them; the demo courses are not there`;
      return runs.map(({ courseKey }) => courseKey).join(', ');
    },
    `The LMS must answer /api/courses/v1/courses/?username=${workerUsername} to the service worker.`,
  );
}
