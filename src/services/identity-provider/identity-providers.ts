import { type EntityManager, type MikroORM, raw } from '@mikro-orm/postgresql';
import type { Sealer } from '../../crypto/sealer.js';
import { type IdentityProvider, IdentityProviderEntity } from '../../entities/identity-provider.entity.js';
import { OrganizationEntity } from '../../entities/organization.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { callbackUrlOf } from './oidc-protocol.js';
import { type IdentityProviderSpec, requireProviderSpec, usualScopes } from './provider-spec.js';

export interface EnsuredProvider {
  outcome: 'created' | 'updated' | 'unchanged';
  /** Names of the fields that were others before; never their values. */
  changed: string[];
  /** Absent after a dry run of one that is not there yet. */
  provider: IdentityProvider | undefined;
}

/** Where learners of organizations sign in themselves, as administrators describe it. Nothing is cached: it counts at once. */
export interface IdentityProviders {
  /** In the order of their labels. */
  listEnabled(): Promise<IdentityProvider[]>;
  /** All, or those of one organization, in the order of their slugs. */
  list(organizationId?: string): Promise<IdentityProvider[]>;
  /** Where a provider sends people back to. */
  callbackUrlOf(provider: Pick<IdentityProvider, 'slug'>): string;
  /**
   * Makes a provider, or brings the one of this slug in line. Safe to repeat.
   *
   * @param options - `isDryRun`: only says what it would do; `isOrganizationAnnounced`: the organization need not be there for that
   * @throws InvalidInputError naming the field
   * @throws {@link NotFoundError} when there is no such organization
   * @throws {@link ConflictError} when the provider belongs to another organization, or is of another kind
   */
  ensure(
    spec: IdentityProviderSpec,
    actor: Actor,
    options?: { isDryRun?: boolean; isOrganizationAnnounced?: boolean },
  ): Promise<EnsuredProvider>;
  /**
   * Seals secrets of clients with the newest of the secret keys. One that no key opens is left: saving the provider mends it.
   *
   * @returns how many
   */
  reseal(): Promise<number>;
  /** Removes a provider and with it every tie by it; accounts stay. @throws {@link NotFoundError} */
  remove(slug: string, actor: Actor): Promise<IdentityProvider>;
}

export interface IdentityProvidersDeps {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
  /** Of their clients' secrets. */
  sealer: Sealer;
  mayBeLoopback: boolean;
  publicUrl: string;
}

export function createIdentityProviders({
  orm,
  audit,
  sealer,
  mayBeLoopback,
  publicUrl,
}: IdentityProvidersDeps): IdentityProviders {
  const record = (
    tx: EntityManager,
    action: 'identity-provider.created' | 'identity-provider.changed' | 'identity-provider.deleted',
    { slug }: IdentityProvider,
    actor: Actor,
    fields?: string[],
  ) =>
    audit.record(
      { action, outcome: 'success', actor, subjectId: null, detail: { provider: slug, ...(fields && { fields }) } },
      tx,
    );

  /** Undefined where no key opens it any more. */
  const open = (sealed: string) => sealer.open(sealed).catch(() => undefined);

  /** The secret is compared in the open: sealed twice, it looks different. */
  const differences = async (before: IdentityProvider, spec: IdentityProviderSpec): Promise<string[]> => {
    const { label, issuer, clientId, clientSecret, scopes, ssoUrl, certificates, keyClaim, isEnabled } = spec;
    const kept = before.sealedSecret == null ? undefined : await open(before.sealedSecret);
    const isOther = {
      label: before.label !== label,
      issuer: before.issuer !== issuer,
      clientId: (before.clientId ?? undefined) !== clientId,
      clientSecret: clientSecret !== undefined && clientSecret !== kept,
      scopes: scopes !== undefined && scopes.join(' ') !== before.scopes.join(' '),
      ssoUrl: (before.ssoUrl ?? undefined) !== ssoUrl,
      certificates: certificates !== undefined && certificates.join() !== before.certificates.join(),
      keyClaim: before.keyClaim !== keyClaim,
      isEnabled: isEnabled !== undefined && isEnabled !== before.isEnabled,
    };
    return Object.entries(isOther).flatMap(([name, differs]) => (differs ? [name] : []));
  };

  return {
    listEnabled: () =>
      orm.em.fork().find(IdentityProviderEntity, { isEnabled: true }, { orderBy: { label: 'asc', id: 'asc' } }),
    list: (organizationId) =>
      orm.em.fork().find(IdentityProviderEntity, organizationId === undefined ? {} : { organizationId }, {
        orderBy: { slug: 'asc' },
      }),
    callbackUrlOf: (provider) => callbackUrlOf(publicUrl, provider),
    ensure: async (spec, actor, { isDryRun = false, isOrganizationAnnounced = false } = {}) => {
      requireProviderSpec(spec, mayBeLoopback);
      const secret = spec.clientSecret === undefined ? undefined : await sealer.seal(spec.clientSecret);
      return orm.em.fork().transactional(async (tx) => {
        const { slug, organizationKey, kind, label, issuer, clientId, scopes, ssoUrl, keyClaim, isEnabled } = spec;
        await lockUntilCommit(tx, `identity-provider:${slug}`);
        const [organization, before] = await Promise.all([
          tx.findOne(OrganizationEntity, { [raw('lower(key)')]: organizationKey.toLowerCase() }),
          tx.findOne(IdentityProviderEntity, { slug }, { populate: ['sealedSecret'] }),
        ]);
        if (!organization && !isOrganizationAnnounced)
          throw new NotFoundError(`There is no organization ${organizationKey}.`);
        if (before && (before.organizationId !== organization?.id || before.kind !== kind))
          throw new ConflictError(
            `The provider ${slug} is another organization’s, or of another kind: choose another slug.`,
          );
        const changed = before ? await differences(before, spec) : [];
        const outcome = before ? (changed.length > 0 ? 'updated' : 'unchanged') : 'created';
        if (isDryRun || outcome === 'unchanged' || !organization)
          return { outcome, changed, provider: before ?? undefined };
        const values = { label: label.trim(), issuer, keyClaim, clientId: clientId ?? null, ssoUrl: ssoUrl ?? null };
        const provider =
          before ??
          tx.create(IdentityProviderEntity, {
            ...values,
            slug,
            kind,
            organizationId: organization.id,
            isEnabled: true,
          });
        tx.assign(provider, {
          ...values,
          ...(secret !== undefined && { sealedSecret: secret }),
          scopes: [...(scopes ?? before?.scopes ?? usualScopes)],
          certificates: [...(spec.certificates ?? before?.certificates ?? [])],
          isEnabled: isEnabled ?? before?.isEnabled ?? true,
        });
        await tx.flush();
        if (before) await record(tx, 'identity-provider.changed', provider, actor, changed);
        else await record(tx, 'identity-provider.created', provider, actor);
        return { outcome, changed, provider };
      });
    },
    async reseal() {
      const em = orm.em.fork();
      const stale = await em.execute<{ id: string; sealedSecret: string }[]>(
        `select id, sealed_secret as "sealedSecret" from identity_provider
         where sealed_secret is not null and not starts_with(sealed_secret, ?)`,
        [sealer.newestPrefix],
      );
      let done = 0;
      for (const { id, sealedSecret } of stale) {
        const secret = await open(sealedSecret);
        if (secret === undefined) continue;
        const anew = await sealer.seal(secret);
        done += await em.nativeUpdate(IdentityProviderEntity, { id, sealedSecret }, { sealedSecret: anew });
      }
      return done;
    },
    remove: (slug, actor) =>
      orm.em.fork().transactional(async (tx) => {
        const provider = await tx.findOne(IdentityProviderEntity, { slug });
        if (!provider) throw new NotFoundError(`There is no identity provider ${slug}.`);
        await record(tx, 'identity-provider.deleted', provider, actor);
        await tx.nativeDelete(IdentityProviderEntity, { id: provider.id });
        return provider;
      }),
  };
}
