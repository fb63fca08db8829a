import type { JWK } from 'jose';
import type { Sealer } from '../../crypto/sealer.js';
import type { SigningKey } from '../../entities/signing-key.entity.js';
import { signingKeyKinds } from '../../services/signing-key/material.js';
import type { SigningKeyService } from '../../services/signing-key/signing-key.service.js';

/** A key of this process, opened. */
export interface LoadedKey extends Pick<SigningKey, 'kid' | 'purpose' | 'algorithm' | 'state'> {
  /** The private JWK. */
  jwk: JWK;
}

/** The provider signs with the first key that fits, so the active ones come first; the others are published only. */
const stateOrder: Record<SigningKey['state'], number> = { ACTIVE: 0, PUBLISHED: 1, RETIRING: 2, RETIRED: 3 };

/**
 * Reads the signing keys, the same for all processes: those to sign with first. Makes the missing ones on first use.
 *
 * @throws when a key was sealed with a secret that is no longer configured
 */
export async function loadSigningKeys(keys: SigningKeyService, sealer: Sealer): Promise<LoadedKey[]> {
  let rows = await keys.findUsable();
  if (!hasAllKinds(rows)) {
    await keys.ensure();
    rows = await keys.findUsable();
  }
  rows.sort(
    (a, b) =>
      stateOrder[a.state] - stateOrder[b.state] ||
      b.activeFrom.getTime() - a.activeFrom.getTime() ||
      a.kid.localeCompare(b.kid),
  );
  return Promise.all(
    rows.map(async ({ kid, purpose, algorithm, state, privateJwk }) => {
      const plain = await sealer.open(privateJwk);
      if (sealer.isStale(privateJwk)) await keys.reseal(kid, privateJwk, await sealer.seal(plain));
      return { kid, purpose, algorithm, state, jwk: JSON.parse(plain) };
    }),
  );
}

function hasAllKinds(rows: readonly SigningKey[]): boolean {
  return signingKeyKinds.every(({ purpose, algorithm }) =>
    rows.some((row) => row.state === 'ACTIVE' && row.purpose === purpose && row.algorithm === algorithm),
  );
}
