import { eventually } from '../../support/eventually.js';
import { gradeAnswers } from './grade-answers.js';
import { otherSettings } from './other-settings.js';
import type { RegistrarStage } from './registrar-stage.js';
import { masters } from './registrar-stage.js';
import type { Replay } from './replay-registrar.js';
import { upstreamFaults } from './upstream-faults.js';

/** What has happened before an exchange, by the words of the recordings: `file number`. */
export const preconditions: Record<string, (stage: RegistrarStage, replay: Replay) => Promise<void>> = {
  // “Three read jobs of `partner` were just started; … the LMS is slow.”
  async 'jobs 1'({ site, tokenOf }, replay) {
    await site.lms.faults([{ match: '/api/program_enrollments/*', method: 'GET', mode: 'hold' }]);
    const authorization = `JWT ${await tokenOf('partner')}`;
    for (const mark of ['{job-1}', '{job-2}', '{job-3}']) {
      const answer = await fetch(`${site.url}/api/v1/programs/${masters}/enrollments`, { headers: { authorization } });
      replay.nameJob(mark, ((await answer.json()) as { job_id: string }).job_id);
    }
    replay.nameJob('{job-4}', '00000000-0000-4000-8000-000000000000');
  },
  async 'jobs 7'({ site }) {
    await site.lms.heal();
  },
  // “Finished jobs are not listed”
  async 'jobs 8'({ site, tokenOf }) {
    const headers = { authorization: `JWT ${await tokenOf('partner')}` };
    await eventually('no job is under way', async () => {
      const answer = await fetch(`${site.url}/api/v1/jobs/`, { headers });
      return (await answer.text()) === '[]';
    });
  },
  // “A slow write job starts”
  async 'csv-uploads 31'({ site }) {
    await site.lms.faults([{ match: '/api/program_enrollments/*', method: 'PUT', mode: 'hold' }]);
  },
  ...upstreamFaults,
  ...gradeAnswers,
  ...otherSettings,
};

/** What happens when an exchange is answered, and the end of its job not awaited yet. */
export const meanwhile: Record<string, (stage: RegistrarStage) => Promise<void>> = {
  async 'csv-uploads 41'({ site }) {
    await site.lms.heal();
  },
};
