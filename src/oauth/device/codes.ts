import { type Adapter, errors } from 'oidc-provider';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { useLater } from '../storage/issuance.js';
import { isStorableId, type Payload, serializePayload, textOf } from '../storage/payload.js';
import type { RunStatement } from '../storage/statements.js';

const model = 'DeviceCode';

/**
 * Stands for a device code whose value is not known: a person types the user code, and of the device code itself only the hash
 * is kept. It names a row to the provider while that person decides; nobody can redeem it.
 */
const aliasPrefix = 'key:';

const statements = {
  findByUserCode: {
    name: 'oidc_device_code_find_by_user_code',
    text: `select id as key from oidc_artifact where model = '${model}' and user_code = $1`,
  },
  /** One person takes a code on, and one answer is kept: whoever comes second is told that the code was used. */
  decide: {
    name: 'oidc_device_code_decide',
    text: `update oidc_artifact set payload = $2::jsonb, grant_id = $3, account_id = $4
      where model = '${model}' and id = $1 and account_id is null and not payload ? 'error'
        and ($5 or not coalesce((payload ->> 'inFlight')::boolean, false))
      returning id`,
  },
} as const;

/**
 * @param isDeciding - whether the request at hand is that of the person who decides, not of the device
 */
export function createDeviceCodeAdapter(run: RunStatement, store: ArtifactStore, isDeciding: () => boolean): Adapter {
  const decide = async (key: string, { jti: _jti, ...payload }: Payload) => {
    const { grantId, accountId, error } = payload;
    const isDecision = accountId !== undefined || error !== undefined;
    const values = [key, serializePayload(payload), textOf(grantId), textOf(accountId), isDecision];
    if ((await run(statements.decide, values)).length === 0)
      throw new errors.InvalidRequest('the code was used already');
  };
  return {
    async upsert(id, payload, expiresIn) {
      if (id.startsWith(aliasPrefix)) await decide(id.slice(aliasPrefix.length), payload);
      else await store.upsert(model, id, payload, expiresIn);
    },
    async find(id) {
      if (!id.startsWith(aliasPrefix)) return store.find(model, id);
      return isDeciding() ? withJti(await store.findByKey(model, id.slice(aliasPrefix.length)), id) : undefined;
    },
    async findByUserCode(userCode) {
      if (!isStorableId(userCode)) return undefined;
      const [row] = await run<{ key: string }>(statements.findByUserCode, [userCode]);
      return row && withJti(await store.findByKey(model, row.key), `${aliasPrefix}${row.key}`);
    },
    findByUid: async () => undefined,
    consume: async (id) => {
      if (!useLater(model, id)) await store.consume(model, id);
    },
    destroy: (id) => store.destroy(model, id),
    revokeByGrantId: (grantId) => store.revokeByGrantId(model, grantId),
  };
}

function withJti(payload: Payload | undefined, jti: string): Payload | undefined {
  return payload && { ...payload, jti };
}
