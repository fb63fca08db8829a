import { plainView, type View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { cacheViews } from './cache.js';
import { courseEnrollmentViews } from './course-enrollments.js';
import { gradeViews } from './grades.js';
import { jobViews } from './job-views.js';
import type { Jobs } from './jobs.js';
import { LmsClient } from './lms-client.js';
import { programEnrollmentViews } from './program-enrollments.js';
import { programViews } from './programs.js';
import type { Registrar } from './registrar-context.js';
import { reportViews } from './reports.js';
import { uploadViews } from './uploads.js';

/** Every endpoint of the sandbox's Registrar. */
export function registrarViews(lms: Lms, rootUrl: string, jobs: Jobs): View[] {
  const registrar: Registrar = { lms, rootUrl, jobs, client: new LmsClient(lms, jobs.signal) };
  return [
    ...programViews(registrar),
    ...programEnrollmentViews(registrar),
    ...courseEnrollmentViews(registrar),
    ...uploadViews(registrar),
    ...gradeViews(registrar),
    ...reportViews(registrar),
    ...jobViews(registrar),
    ...cacheViews(registrar),
    plainView('/health[/]', {
      methods: {
        GET: () => ({
          status: 200,
          body: '{"overall_status": "OK", "detailed_status": {"database_status": "OK"}}',
          contentType: 'application/json',
          headers: [],
        }),
      },
    }),
  ];
}
