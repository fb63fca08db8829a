import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import type { Lms } from '../../lms.js';
import { linkLearner, unlinkLearner } from './matriculation.js';
import { cachedPrograms } from './programs.js';

/** `POST /support/link_program_enrollments_details/`: links keys to usernames, line by line; 200 also when all of them fail. */
export async function linkByHand(lms: Lms, call: Call): Promise<Answer> {
  const form = await call.form();
  const programUuid = form.get('program_uuid')?.trim() ?? '';
  const pairs = form.get('username_pair_text')?.trim() ?? '';
  const { successes, errors } = linkPairs(lms, programUuid, pairs, call.now);
  return json({
    successes: successes.map(([key, username]) => `('${key}', '${username}')`),
    errors,
    program_uuid: programUuid,
    username_pair_text: pairs,
  });
}

interface LinkReport {
  readonly successes: (readonly [key: string, username: string])[];
  readonly errors: string[];
}

function linkPairs(lms: Lms, programUuid: string, text: string, now: Date): LinkReport {
  const report: LinkReport = { successes: [], errors: [] };
  if (programUuid === '' || text === '') {
    report.errors.push(
      'You must provide both a program uuid and a series of lines with the format "external_user_key,lms_username".',
    );
    return report;
  }
  if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(programUuid)) {
    report.errors.push(`Supplied program UUID '${programUuid}' is not a valid UUID.`);
    return report;
  }
  const lines = text.split(/\r?\n/).map((line) => line.split(',').map((part) => part.trim()));
  const malformed = lines.find(
    ([key = '', username = '', ...rest]) => key === '' || username === '' || rest.length > 0,
  );
  if (malformed !== undefined) {
    report.errors.push("All linking lines must be in the format 'external_user_key,lms_username'");
    return report;
  }
  for (const [key = '', username = ''] of lines) {
    const error = linkOne(lms, programUuid.toLowerCase(), key, username, now);
    if (error === null) report.successes.push([key, username]);
    else report.errors.push(error);
  }
  return report;
}

/** Links one learner in a transaction of their own. @returns why it was not done; null when it was */
function linkOne(lms: Lms, programUuid: string, key: string, username: string, now: Date): string | null {
  const { state } = lms;
  const user = state.user(username);
  const found = state.programs.enrollment(programUuid, key);
  const program = cachedPrograms(state).find(({ uuid }) => uuid === programUuid);
  if (user === undefined) return `No user found with username ${username}`;
  if (found === undefined)
    return `No program enrollment found for program uuid=${program?.uuid ?? programUuid} and external student key=${key}`;
  if (found.username?.toLowerCase() === user.username.toLowerCase())
    return `Program enrollment with external_student_key=${key} is already linked to target account username=${username}`;
  try {
    state.atomically(() => {
      const row = found.username === null ? found : unlinkLearner(lms, found, now);
      linkLearner(lms, row, user, now);
    });
    return null;
  } catch (error) {
    return `Error linking program enrollment with external_student_key=${key} to username=${username}: ${error instanceof Error ? error.message : error}`;
  }
}
