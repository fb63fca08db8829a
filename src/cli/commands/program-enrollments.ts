import type { Command } from 'commander';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import type { UploadEnrollmentsOptions } from '../programs/upload-enrollments.js';
import { dryRunOption, examples, jsonOption } from './options.js';

/** Learners of programs, by the files of partners. */
export function addProgramEnrollmentCommands(portico: Command): void {
  const upload = async (programKey: string, path: string, level: EnrollmentLevel, options: UploadEnrollmentsOptions) =>
    (await import('../programs/upload-enrollments.js')).uploadEnrollments(programKey, path, level, options);

  portico
    .command('upload-program-enrollments')
    .description('write the enrollments in a program that a CSV file asks for: columns student_key and status')
    .argument('<program-key>', 'key of the program')
    .argument('<csv>', 'path of the file, whose first line names the columns; - for standard input')
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Statuses: enrolled, pending, suspended, canceled, ended. Rows are counted from the first one below the header.
Rows that fail are listed; what they need is said with them.
${examples(
  'portico upload-program-enrollments masters-in-cs autumn.csv --dry-run',
  'portico upload-program-enrollments masters-in-cs autumn.csv --json',
)}`,
    )
    .action((programKey: string, path: string, options: UploadEnrollmentsOptions) =>
      upload(programKey, path, 'program', options),
    );

  portico
    .command('upload-course-enrollments')
    .description(
      'write the enrollments in course runs of a program that a CSV file asks for: columns student_key, course_id, status and, where wanted, course_staff',
    )
    .argument('<program-key>', 'key of the program')
    .argument('<csv>', 'path of the file, whose first line names the columns; - for standard input')
    .addOption(dryRunOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Statuses: active, inactive. A course run is named by its key or by the partner's own. course_staff is true, false or blank.
${examples('portico upload-course-enrollments masters-in-cs courses.csv --dry-run')}`,
    )
    .action((programKey: string, path: string, options: UploadEnrollmentsOptions) =>
      upload(programKey, path, 'course', options),
    );
}
