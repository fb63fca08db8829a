import type { FastifyRequest } from 'fastify';
import type { Proof } from '../services/second-factor/changes.js';
import type { ProofNeeds } from '../web/proof.js';
import { browserSecretOf } from './form-guard.js';
import type { PageDeps } from './page-deps.js';
import { readForm } from './visit.js';

/** What the fields of `renderProof` were filled with. */
export function readProof(request: FastifyRequest, publicUrl: string): Proof {
  const { currentPassword = '', code = '', passkey = '' } = readForm(request.body);
  return {
    password: currentPassword,
    code,
    passkey,
    browser: browserSecretOf(request, publicUrl),
    address: request.ip,
  };
}

/** What an account asks for beside its password. */
export async function readNeeds(
  { secondFactors }: Pick<PageDeps, 'secondFactors'>,
  accountId: string,
): Promise<ProofNeeds> {
  const kinds = new Set((await secondFactors.listOf([accountId])).map(({ kind }) => kind));
  return { hasApp: kinds.has('AUTHENTICATOR_APP'), hasPasskeys: kinds.has('PASSKEY') };
}
