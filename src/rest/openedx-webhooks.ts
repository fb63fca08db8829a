import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Viewer } from '../access/viewer.js';
import { ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import type { Actor } from '../services/actor.js';
import type { AnnouncedCertificates } from '../services/certificate/announced-certificate.js';
import type { EnrollmentService } from '../services/enrollment/enrollment.service.js';

export interface WebhookDependencies {
  authenticate(req: FastifyRequest['raw'], res: FastifyReply['raw']): Promise<Viewer>;
  accounts: { findByEmail(email: string): Promise<Account | null> };
  enrollments: Pick<EnrollmentService, 'requireCourse' | 'announced'>;
  announcedCertificates: Pick<AnnouncedCertificates, 'announce'>;
}

/** What the LMS's plug-in sends. `role` says why, e.g. `staff`; it changes nothing here. */
const Announcement = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 320 }),
  course_id: Type.String({ minLength: 1, maxLength: 255 }),
  role: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

const base = '/api/openedx_webhook';

/**
 * Registers where the LMS tells of enrollments that it made and certificates that it issued. What comes in here never goes back:
 * it is taken down as seen, and a job reads how it stands in the LMS. Repeating is harmless.
 */
export function registerOpenEdxWebhooks(app: FastifyInstance, deps: WebhookDependencies): void {
  const read = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('cache-control', 'no-store');
    const actor = requireStaffToken(await deps.authenticate(request.raw, reply.raw), request.ip);
    const { email, course_id: courseKey } = readBody(request.body);
    const account = await deps.accounts.findByEmail(email.trim());
    if (account?.status !== 'ACTIVE') throw new NotFoundError('There is no active account with this e-mail address.');
    return { actor, accountId: account.id, courseKey: await requireCourse(deps.enrollments, courseKey) };
  };

  for (const path of [`${base}/enrollment`, `${base}/enrollment/`])
    app.post(path, (request, reply) =>
      withBadRequests(reply, async () => {
        const { actor, ...learner } = await read(request, reply);
        const { enrollment, isNew } = await deps.enrollments.announced(learner, actor);
        return reply.code(isNew ? 201 : 200).send({
          message: isNew ? 'The enrollment was taken down.' : 'The enrollment was known.',
          enrollment_id: enrollment.id,
          active: enrollment.state === 'ACTIVE',
          edx_enrolled: enrollment.confirmedByLms && enrollment.state === 'ACTIVE',
        });
      }),
    );
  for (const path of [`${base}/certificate`, `${base}/certificate/`])
    app.post(path, (request, reply) =>
      withBadRequests(reply, async () => {
        const { actor: _actor, ...learner } = await read(request, reply);
        await deps.announcedCertificates.announce(learner);
        return reply.send({ message: 'The certificate is read anew.' });
      }),
    );
}

/** By token only: a browser's cookie must not be able to say such things. */
function requireStaffToken(viewer: Viewer, address: string): Actor {
  if (viewer.via !== 'token') throw new UnauthenticatedError('Send the access token of a staff account.');
  if (!viewer.scopes?.has('learning:write'))
    throw new ForbiddenError('The access token lacks the scope learning:write.');
  if (!viewer.roles.has('STAFF')) throw new ForbiddenError('Only STAFF may announce enrollments.');
  const { account, clientId, roles } = viewer;
  return { accountId: account?.id ?? null, clientId: clientId ?? null, address, roles };
}

/** @throws {@link InvalidInputError} */
function readBody(body: unknown): Type.Static<typeof Announcement> {
  if (Value.Check(Announcement, body)) return body;
  throw new InvalidInputError('Send JSON with email and course_id.', { reason: 'INVALID_BODY' });
}

async function requireCourse(enrollments: Pick<EnrollmentService, 'requireCourse'>, key: string): Promise<string> {
  try {
    return (await enrollments.requireCourse(key)).courseKey;
  } catch (error) {
    if (error instanceof InvalidInputError && error.reason === 'UNKNOWN_COURSE') throw new NotFoundError(error.message);
    throw error;
  }
}

/** The LMS drops what is answered by 4xx; a body that cannot be read is 400 in its plug-in's book. */
async function withBadRequests(reply: FastifyReply, act: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return reply.code(400).send({ error: { code: error.reason, message: error.message } });
  }
}
