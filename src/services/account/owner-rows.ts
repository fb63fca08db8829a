import type { EntityManager } from '@mikro-orm/postgresql';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { rowAsJson } from '../../entities/prepared-rows.js';

/** What pages about the owner of an access token begin with, as it was when the token was looked up. Not to be changed. */
export interface OwnerRows {
  account: Account;
  edxLink: EdxLink | undefined;
  /** Whether any answer of the LMS about them is kept (`learning_answer`). */
  hasKeptAnswers: boolean;
}

/** What {@link OwnerRead.sqlOf} comes to. */
export interface OwnerJson {
  account: object;
  edxLink: object | null;
  hasKeptAnswers: boolean;
}

/** A read that whoever looks up a token makes along with it, in the same statement. */
export interface OwnerRead {
  /** @param accountId - SQL of a uuid; of null, and of no account, it comes to null */
  sqlOf(accountId: string): string;
  read(json: OwnerJson): OwnerRows;
}

export function createOwnerRead(em: EntityManager): OwnerRead {
  const account = rowAsJson(em, AccountEntity, 'account');
  const edxLink = rowAsJson(em, EdxLinkEntity, 'edx_link');
  return {
    sqlOf: (accountId) => `(select json_build_object('account', ${account.sql},
        'edxLink', case when edx_link.id is not null then ${edxLink.sql} end,
        'hasKeptAnswers', exists(select from learning_answer where lms_username = lower(edx_link.edx_username)))
      from account left join lateral (select * from edx_link where account_id = account.id limit 1) edx_link on true
      where account.id = ${accountId} limit 1)`,
    read: (json) => ({
      account: account.read(json.account),
      edxLink: json.edxLink ? edxLink.read(json.edxLink) : undefined,
      hasKeptAnswers: json.hasKeptAnswers,
    }),
  };
}
