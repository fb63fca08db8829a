import type { JobRun, Jobs } from '../../../src/jobs/job.js';
import type { JobName } from '../../../src/jobs/queue.js';

/** The same body for every job. */
export function everyJob(body: (name: JobName, payload: unknown, run: JobRun) => Promise<void>): Jobs {
  const job = (name: JobName) => (payload: unknown, run: JobRun) => body(name, payload, run);
  return {
    'create-edx-account': job('create-edx-account'),
    'check-edx-link': job('check-edx-link'),
    'obtain-edx-api-token': job('obtain-edx-api-token'),
    'revoke-edx-api-token': job('revoke-edx-api-token'),
    'perform-enrollment': job('perform-enrollment'),
    'advance-enrollment-move': job('advance-enrollment-move'),
    'look-at-certificate': job('look-at-certificate'),
    'look-at-enrollment': job('look-at-enrollment'),
    'follow-learning-hints': job('follow-learning-hints'),
    'learn-lms-user-ids': job('learn-lms-user-ids'),
    'look-at-course-run': job('look-at-course-run'),
    'push-course-emails': job('push-course-emails'),
    'push-email': job('push-email'),
    'push-profile': job('push-profile'),
    'tie-learner': job('tie-learner'),
    'sync-course-runs': job('sync-course-runs'),
    'sync-grades': job('sync-grades'),
    'repair-links': job('repair-links'),
    'retry-enrollments': job('retry-enrollments'),
    'check-drift': job('check-drift'),
    'retire-account': job('retire-account'),
    'begin-retirements': job('begin-retirements'),
    'export-data': job('export-data'),
    'prune-expired': job('prune-expired'),
    'deliver-logout': job('deliver-logout'),
    'advance-signing-keys': job('advance-signing-keys'),
    'chain-audit': job('chain-audit'),
    'run-operation': job('run-operation'),
    'resume-operations': job('resume-operations'),
    'send-mail': job('send-mail'),
  };
}
