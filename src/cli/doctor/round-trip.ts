import type { AppContext } from '../../app/context.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { systemActor } from '../../services/actor.js';
import { demoCourses } from '../configure-instance/demo-courses.js';
import { type Finding, find, skipped, Trouble } from './finding.js';
import { probeRegistration } from './registration-probe.js';
import { describeTokenTrouble } from './token-trouble.js';

/** The one learner of all round trips: made by the first, used by each. */
const learner = { username: 'portico-doctor', name: 'Portico Doctor' };

const names = ['LMS account', "learner's token", 'enrollment', 'grade'];

/**
 * Goes the whole way of a learner: an LMS account (once, since the LMS counts registrations), a token by single sign-on (each
 * time), an enrollment, the grade.
 *
 * @param isRegistrationSeen - false when the LMS's pages do not show whether it registers people; then it is asked, without
 * registering anybody
 */
export async function goRoundTrip(
  context: AppContext,
  { isRegistrationSeen }: { isRegistrationSeen: boolean },
): Promise<Finding[]> {
  const account = await findOrMakeLearner(context);
  let link: EdxLink | undefined;
  const steps: (() => Promise<string>)[] = [
    async () => {
      link = await seeToAccount(context, account, isRegistrationSeen);
      return `${link.edxUsername} is there, and tied to ${learner.username}`;
    },
    () => exchangeToken(context, account),
    () => enroll(context, account, link?.edxUsername ?? ''),
    () => readGrade(context, link?.edxUsername ?? ''),
  ];
  const findings: Finding[] = [];
  for (const [index, step] of steps.entries()) {
    const name = names[index] ?? '';
    const failed = findings.find(({ status }) => status !== 'ok');
    findings.push(failed ? skipped(name, failed.name) : await find(name, step, advice[name] ?? ''));
  }
  return findings;
}

const advice: Readonly<Record<string, string>> = {
  'LMS account': `Look at the edX link of ${learner.username} in the playground (edxLinks): its history says what the LMS answered.`,
  "learner's token":
    'The message names the step. Compare the application for Portico in the LMS (client id, redirect URIs, Skip authorization) and the host names with what portico configure-instance prints.',
  enrollment: 'The service worker needs staff rights, and the course an enrollment window that is open.',
  grade: 'The service worker needs staff rights to read grades, and the LMS its grading tasks.',
};

async function findOrMakeLearner({ config, services: { accounts } }: AppContext): Promise<Account> {
  const { hostname } = new URL(config.http.publicUrl);
  const email = `${learner.username}@${hostname.includes('.') ? hostname : 'example.org'}`;
  return (
    (await accounts.findByUsername(learner.username)) ??
    accounts.create(
      // Whoever runs the command agrees for a learner that is nobody.
      { ...learner, email, isEmailVerified: true, isEdxAccountWanted: false, termsVersion: config.site.termsVersion },
      systemActor,
    )
  );
}

async function seeToAccount(
  { lms: { client, api }, config, services: { edxLinks } }: AppContext,
  { id }: Account,
  isRegistrationSeen: boolean,
): Promise<EdxLink> {
  const present = await edxLinks.find(id);
  const isLinked = present?.state === 'LINKED' && present.remoteId != null;
  if (!isLinked || !isRegistrationSeen) await probeRegistration(client, config.lms.browserUrl);
  if (isLinked) {
    const mapped = await api.mappings({ remoteIds: [present.remoteId ?? ''] }, { purpose: 'job' });
    if (mapped.length > 0) return present;
    await edxLinks.check(id);
  }
  await edxLinks.ensure(id, systemActor);
  // A running worker may be at it as well: whoever comes second finds it done.
  await edxLinks.create(id);
  const made = await edxLinks.find(id);
  if (made?.state === 'LINKED') return made;
  throw new Trouble(made?.lastError?.message ?? `it is ${made?.state}; a worker is at it: try again in a moment`);
}

async function exchangeToken({ services: { edxApiTokens } }: AppContext, { id }: Account): Promise<string> {
  try {
    await edxApiTokens.signOn(id, { purpose: 'job' });
  } catch (error) {
    throw describeTokenTrouble(error);
  }
  return 'single sign-on and the exchange of the code work';
}

async function enroll({ lms: { api }, services: { enrollments } }: AppContext, { id }: Account, lmsUsername: string) {
  const { courseKey } = demoCourses[0];
  const { id: enrollmentId } = await enrollments.request({ accountId: id, courseKey }, systemActor);
  await enrollments.perform(enrollmentId);
  const seen = await api.readEnrollment(lmsUsername, courseKey, { purpose: 'job' });
  if (seen?.isActive) return `enrolled in ${courseKey}`;
  const row = await enrollments.findFor(id, courseKey);
  throw new Trouble(row?.lastError?.message ?? `the LMS does not have the enrollment in ${courseKey}`);
}

async function readGrade({ lms: { api } }: AppContext, lmsUsername: string): Promise<string> {
  const { courseKey } = demoCourses[0];
  const grade = await api.gradesOf(courseKey, lmsUsername, { purpose: 'job' });
  if (!grade) throw new Trouble(`the LMS has no grade of ${lmsUsername} in ${courseKey}`);
  return `${Math.round(grade.percent * 100)} % in ${courseKey}`;
}
