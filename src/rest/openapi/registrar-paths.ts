import { Type } from 'typebox';
import {
  type ApiOperation,
  type ApiPaths,
  away,
  fileBody,
  json,
  jsonBody,
  jsonList,
  pathPart,
  query,
  tokenWith,
} from './operation.js';

const tags = ['Programs'];
const reading = tokenWith('programs:read');
const writing = tokenWith('programs:write');
const programKey = pathPart('program_key', 'Key of the program.', Type.String({ pattern: '^[A-Za-z0-9_-]+$' }));
const courseId = pathPart('course_id', 'Key of the course run, at the LMS or at the partner.');
const format = query('fmt', 'Form of the file.', Type.Enum(['json', 'csv']));

const refusals = {
  401: json('No credentials, or none that are good.', 'Detail', 'BadToken'),
  403: json('The caller lacks the right.', 'Detail'),
  404: json('There is nothing of this name, or no such filter or page.', 'Detail', 'Problem'),
  406: json('The caller takes no JSON.', 'Detail'),
  ...away,
};
const bodyRefusals = {
  400: json('The body is not what it has to be.', 'Texts', 'Detail', 'Problem'),
  409: json('The program takes no enrollments as it is.', 'Detail'),
  413: json('More than 25 rows, or more than a megabyte.', 'Detail', 'Problem'),
  415: json('Another type than JSON.', 'Detail', 'Problem'),
};

const filters = [
  query('org', 'Key of an organization: its programs only.'),
  query('user_has_perm', 'A right that the caller has in the program; read_metadata unless another is named.'),
  query('program_title', 'Part of the title, in any letter case.'),
];

/** The Registrar's REST API: what `src/rest/registrar/` answers. */
export function registrarPaths(): ApiPaths {
  return {
    ...Object.assign({}, ...(['v1', 'v2'] as const).map(pathsOf)),
    '/api/v3/programs': {
      get: {
        operationId: 'listProgramsByPagesV3',
        tags,
        summary: 'Lists the programs that the caller was granted something of, by pages.',
        security: reading,
        parameters: [
          ...filters,
          query('page', 'From 1, or `last`.'),
          query('page_size', '100 unless it is a positive number; at most 1000.'),
        ],
        responses: { 200: json('A page of programs.', 'ProgramPage'), ...refusals },
      },
    },
  };
}

function pathsOf(version: 'v1' | 'v2'): ApiPaths {
  const named = (name: string) => `${name}${version.toUpperCase()}`;
  const job = (name: string, summary: string, parts: ApiOperation['parameters'] = []): ApiOperation => ({
    operationId: named(name),
    tags,
    summary,
    security: reading,
    parameters: [programKey, ...parts, format],
    responses: { 202: json('The job that makes the file.', 'StartedJob'), ...refusals },
  });
  const write = (name: string, summary: string, isOfCourse: boolean): ApiOperation => ({
    operationId: named(name),
    tags,
    summary,
    description: 'At most 25 rows; each gets a word of its own.',
    security: writing,
    parameters: isOfCourse ? [programKey, courseId] : [programKey],
    requestBody: jsonBody(isOfCourse ? 'CourseEnrollmentRows' : 'ProgramEnrollmentRows'),
    responses: {
      200: json('All rows were written.', 'RowWords'),
      207: json('Some rows were written.', 'RowWords'),
      422: json('No row was written.', 'RowWords', 'Detail'),
      ...refusals,
      ...bodyRefusals,
    },
  });
  const upload = (name: string, summary: string): ApiOperation => ({
    operationId: named(name),
    tags,
    summary,
    description: 'A CSV file, to 5 MiB, is taken as a whole or not at all; one at a time for each program.',
    security: writing,
    parameters: [programKey],
    requestBody: fileBody,
    responses: {
      202: json('The job that writes the rows.', 'StartedJob'),
      ...refusals,
      400: json('There is no file, or it lacks columns or data.', 'Texts', 'Detail', 'Problem'),
      409: json('Another file of this program is being written, or too many wait.', 'Text', 'Detail'),
      413: json('The file is too large.', 'Detail', 'Problem'),
      415: json('Another type than multipart/form-data.', 'Detail', 'Problem'),
      422: json('The program takes no enrollments as it is.', 'Detail'),
    },
  });
  const read = (
    operation: Pick<ApiOperation, 'operationId' | 'summary' | 'parameters' | 'responses'>,
  ): ApiOperation => ({
    ...operation,
    operationId: named(operation.operationId),
    tags,
    security: reading,
    responses: { ...operation.responses, ...refusals },
  });
  const base = `/api/${version}`;
  return {
    [`${base}/programs`]: {
      get: read({
        operationId: 'listPrograms',
        summary: 'Lists the programs that the caller was granted something of.',
        parameters: filters,
        responses: { 200: jsonList('The programs.', 'Program') },
      }),
    },
    [`${base}/programs/{program_key}`]: {
      get: read({
        operationId: 'getProgram',
        summary: 'Tells about one program.',
        parameters: [programKey],
        responses: { 200: json('The program.', 'Program') },
      }),
    },
    [`${base}/programs/{program_key}/courses`]: {
      get: read({
        operationId: 'listCourses',
        summary: 'Lists the course runs of the active curriculum.',
        parameters: [programKey],
        responses: { 200: jsonList('The course runs.', 'CourseRun') },
      }),
    },
    [`${base}/programs/{program_key}/enrollments`]: {
      get: job('exportProgramEnrollments', 'Begins a job: the learners of the program as a file.'),
      post: write('createProgramEnrollments', 'Adds learners to the program.', false),
      patch: write('updateProgramEnrollments', 'Changes learners of the program.', false),
    },
    [`${base}/programs/{program_key}/courses/{course_id}/enrollments`]: {
      get: job('exportCourseEnrollments', 'Begins a job: the learners of a course run as a file.', [courseId]),
      post: write('createCourseEnrollments', 'Adds learners to the course run.', true),
      patch: write('updateCourseEnrollments', 'Changes learners of the course run.', true),
    },
    [`${base}/programs/{program_key}/course_enrollments`]: {
      get: job('exportAllCourseEnrollments', 'Begins a job: the learners of all course runs as a file.'),
    },
    [`${base}/programs/{program_key}/enrollments/upload`]: {
      post: upload('uploadProgramEnrollments', 'Begins a job: a file of learners of the program is written.'),
    },
    [`${base}/programs/{program_key}/course_enrollments/upload`]: {
      post: upload('uploadCourseEnrollments', 'Begins a job: a file of learners of course runs is written.'),
    },
    [`${base}/programs/{program_key}/courses/{course_id}/grades`]: {
      get: job('exportGrades', 'Begins a job: the grades of a course run as a file.', [courseId]),
    },
    [`${base}/programs/{program_key}/reports`]: {
      get: read({
        operationId: 'listReports',
        summary: 'Lists the reports of the program, the newest first.',
        parameters: [
          programKey,
          query('min_created_date', 'The first day of which reports are listed.', Type.String({ format: 'date' })),
        ],
        responses: {
          200: jsonList('The reports.', 'Report'),
          400: json('The day is none.', 'Texts'),
        },
      }),
    },
    [`${base}/jobs`]: {
      get: read({
        operationId: 'listJobs',
        summary: 'Lists the jobs of the caller that are not over.',
        responses: { 200: jsonList('The jobs.', 'Job') },
      }),
    },
    [`${base}/jobs/{job_id}`]: {
      get: read({
        operationId: 'getJob',
        summary: 'Tells how a job stands, with a fresh address of its file.',
        parameters: [pathPart('job_id', 'Of the job.', Type.String({ format: 'uuid' }))],
        responses: { 200: json('The job.', 'Job') },
      }),
    },
  };
}
