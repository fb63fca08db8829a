/** Names the lock of whoever changes rows of the chain, among all advisory locks of the database; any constant will do. */
export const chainLock = 8_053_000_003;
