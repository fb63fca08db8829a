import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { notFound, permissionDenied } from '../lms/http/errors.js';
import { apiView, plainView, type View } from '../lms/http/view.js';
import { REGISTRAR_HABITS } from './habits.js';
import type { Job, NewJob, Outcome } from './jobs.js';
import { versionedPath } from './paths.js';
import type { Registrar } from './registrar-context.js';

const RESULTS = '/api/media/registrar/job-results';

/** The caller's unfinished jobs, one job, and its result file, which asks for no credentials. */
export function jobViews(registrar: Registrar): View[] {
  const { jobs } = registrar;
  return [
    apiView(versionedPath('jobs'), {
      profile: 'P5',
      methods: {
        GET: (call) => json(jobs.unfinishedOf(call.user.username).map((job) => jobView(registrar, job))),
      },
    }),
    apiView(versionedPath('jobs/(?<job_id>[0-9a-f-]+)'), {
      profile: 'P5',
      methods: { GET: (call) => json(jobView(registrar, ownJob(registrar, call))) },
    }),
    plainView(new RegExp(`^${RESULTS}/(?<job_id>[0-9a-f-]+)\\.(?<format>json|csv)$`, 'u'), {
      methods: {
        GET: (call) => {
          const job = jobs.find(call.param('job_id'));
          if (!job?.outcome || job.format !== call.param('format')) return REGISTRAR_HABITS.errorPage(call, 404);
          const contentType = job.format === 'json' ? 'application/json' : 'text/csv';
          return { status: 200, body: job.outcome.file, contentType, headers: [] };
        },
      },
    }),
  ];
}

function ownJob({ jobs }: Registrar, call: Call): Job {
  const job = jobs.find(call.param('job_id'));
  if (job === undefined) throw notFound();
  if (job.owner !== call.user.username && !call.user.isSuperuser) throw permissionDenied();
  return job;
}

function jobView({ rootUrl }: Registrar, { id, name, created, state, outcome, format }: Job): Record<string, unknown> {
  return {
    job_id: id,
    name,
    created,
    state,
    result: outcome && `${rootUrl}${RESULTS}/${id}.${format}`,
    text: outcome?.text ?? null,
  };
}

/** Starts a job of the caller and answers where it can be watched, in the version that was called. */
export function acceptJob(
  { jobs, rootUrl }: Registrar,
  call: Call,
  job: Omit<NewJob, 'owner'>,
  work: () => Promise<Outcome>,
): Answer {
  const id = jobs.start({ ...job, owner: call.user.username }, work);
  return json({ job_id: id, job_url: `${rootUrl}/api/v${call.param('version')}/jobs/${id}` }, 202);
}
