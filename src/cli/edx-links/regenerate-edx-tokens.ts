import { AppError } from '../../errors.js';
import { lookUpAccounts } from '../../services/account/look-up.js';
import type { EdxApiTokenService } from '../../services/edx-api-token/edx-api-token.service.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

/** `portico regenerate-edx-tokens`: new API tokens for learners. Nothing of a token is ever printed. */
export async function regenerateEdxTokens(who: readonly string[], { json }: { json: boolean }): Promise<void> {
  await using opened = await openContext();
  const { accounts, edxApiTokens, edxLinks } = opened.context.services;
  const rows: { username: string; outcome: string; reason: string | null; expiresAt: Date | null }[] = [];
  const meant = await lookUpAccounts(accounts, who);
  {
    using progress = createProgress('tokens regenerated');
    for (const { id, username } of meant) {
      const reason = await whyNot(edxApiTokens, id);
      const link = reason === null ? await edxLinks.find(id) : undefined;
      rows.push({
        username,
        outcome: reason === null ? 'regenerated' : 'failed',
        reason,
        expiresAt: link?.apiTokenExpiresAt ?? null,
      });
      progress.report({ done: rows.length, total: meant.length });
    }
  }
  printAnswer(
    json,
    { tokens: rows },
    rows.map(({ username, outcome, reason }) => `${username}  ${outcome}${reason ? `  ${reason}` : ''}`),
  );
  if (rows.some(({ reason }) => reason !== null)) process.exitCode = 1;
}

async function whyNot(tokens: EdxApiTokenService, accountId: string): Promise<string | null> {
  try {
    await tokens.regenerate(accountId);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
