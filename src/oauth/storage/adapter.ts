import Provider, { type Adapter, type AdapterFactory } from 'oidc-provider';
import type { ClientRegistry } from '../client/registry.js';
import { createDeviceCodeAdapter } from '../device/codes.js';
import { endWithSubject } from '../exchange/grants.js';
import { visitorOf } from '../session/visitor.js';
import type { ArtifactStore } from './artifact-store.js';
import { putOff, takeBack, useLater } from './issuance.js';
import type { Payload } from './payload.js';
import type { RequestReads } from './request-reads.js';
import type { SessionRow, SessionStore } from './session-store.js';
import type { RunStatement } from './statements.js';

/** Gives each model of the provider its storage. */
export function createAdapterFactory({
  run,
  artifacts,
  sessions,
  clients,
  reads,
}: {
  run: RunStatement;
  artifacts: ArtifactStore;
  sessions: SessionStore;
  clients: ClientRegistry;
  reads: RequestReads;
}): AdapterFactory {
  return (model) => {
    if (model === 'Client') return clientAdapter(clients);
    if (model === 'Session') return sessionAdapter(sessions);
    if (model === 'DeviceCode')
      return createDeviceCodeAdapter(run, artifacts, () => Provider.ctx?.oidc.route === 'device_resume');
    if (model === 'Grant') return endWithSubject(grantAdapter(artifacts, reads), artifacts);
    return artifactAdapter(model, artifacts, reads);
  };
}

function grantAdapter(store: ArtifactStore, reads: RequestReads): Adapter {
  const adapter = artifactAdapter('Grant', store, reads);
  return {
    ...adapter,
    upsert: (id, payload, expiresIn) => {
      reads.forgetGrants();
      return adapter.upsert(id, payload, expiresIn);
    },
    find: async (id) => reads.takeGrant(id) ?? adapter.find(id),
    destroy: (id) => {
      reads.forgetGrants();
      return adapter.destroy(id);
    },
  };
}

function artifactAdapter(model: string, store: ArtifactStore, reads: RequestReads): Adapter {
  return {
    upsert: async (id, payload, expiresIn) => {
      if (!putOff({ model, id, payload, expiresInSeconds: expiresIn }))
        await store.upsert(model, id, payload, expiresIn);
    },
    find: (id) => store.find(model, id, reads.keep),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async (id) => {
      if (!useLater(model, id)) await store.consume(model, id);
    },
    destroy: async (id) => {
      if (!takeBack(model, id)) await store.destroy(model, id);
    },
    revokeByGrantId: (grantId) => store.revokeByGrantId(model, grantId),
  };
}

function sessionAdapter(store: SessionStore): Adapter {
  return {
    upsert: (id, payload, expiresIn = 0) => {
      const req = Provider.ctx?.req;
      return store.upsert(id, payload, expiresIn, req && visitorOf(req));
    },
    find: async (id) => toPayload(await store.find(id), id),
    // Only looked at, never saved: its identifier, of which the hash alone is kept, is not known here.
    findByUid: async (uid) => toPayload(await store.findByUid(uid), undefined),
    findByUserCode: async () => undefined,
    consume: async () => undefined,
    destroy: (id) => store.destroy(id),
    revokeByGrantId: async () => undefined,
  };
}

function toPayload(row: SessionRow | undefined, id: string | undefined): Payload | undefined {
  return row && { ...row.payload, ...(id && { jti: id }) };
}

/** Clients are managed by their service; the provider only reads them. */
function clientAdapter(clients: ClientRegistry): Adapter {
  const readOnly = () => Promise.reject(new Error('clients are not written by the provider'));
  return {
    upsert: readOnly,
    find: (id) => clients.metadataOf(id),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
  };
}
