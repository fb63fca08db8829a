import type { SigningAlgorithm, SigningKeyPurpose } from '../../entities/signing-key.entity.js';
import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

export interface RotateKeysOptions {
  purpose?: SigningKeyPurpose;
  algorithm?: SigningAlgorithm;
  json: boolean;
}

/** `portico rotate-keys`: publishes new signing keys; the worker takes the further steps when they are due. */
export async function rotateKeys({ purpose, algorithm, json }: RotateKeysOptions): Promise<void> {
  await using opened = await openContext();
  const { signingKeys } = opened.context.services;
  const keys = await signingKeys.rotate({ ...(purpose && { purpose }), ...(algorithm && { algorithm }) }, systemActor);
  const answer = keys.map((key) => ({
    kid: key.kid,
    purpose: key.purpose,
    algorithm: key.algorithm,
    state: key.state,
    activeFrom: key.activeFrom.toISOString(),
  }));
  printAnswer(json, { signingKeys: answer }, [
    ...answer.map((key) => `${key.algorithm} (${key.purpose})  ${key.kid}  signs from ${key.activeFrom}`),
    'The keys are published now. They sign, and the old ones are withdrawn, by the background jobs.',
  ]);
}
