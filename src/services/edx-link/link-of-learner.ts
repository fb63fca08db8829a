/**
 * Joins the link of an LMS user, in whatever letter case, as `link`, unless its account is retired. Each is looked up in the indexes, as its
 * `limit` has it: a plan that was made while there were few learners would look through all of them ever after.
 *
 * @param username - an expression of the rows before it
 */
export const linkOfLearner = (username: string): string => `
  cross join lateral (select account_id, edx_username from edx_link
    where lower(edx_username) = lower(${username}) limit 1) link
  cross join lateral (select from account where id = link.account_id and status <> 'RETIRED' limit 1) present`;
