import type Provider from 'oidc-provider';
import type { Session } from 'oidc-provider';

/**
 * Has a session that gets a new identifier stored under it before the old one goes. The provider does it the other way round,
 * and an outage in between would sign the person out; so the worst that is left is a row that nobody has the identifier of.
 */
export function keepSessionsWhileTheyMove(provider: Provider): void {
  const { prototype } = provider.Session;
  const save = prototype.save;
  prototype.save = async function moveThenSave(this: Session & { oldId?: string | undefined }, ttl: number) {
    const { oldId } = this;
    this.oldId = undefined;
    const value = await save.call(this, ttl);
    if (oldId !== undefined) await provider.Session.adapter.destroy(oldId);
    return value;
  };
}
