/** A committed fact that other parts, and other processes, may want to know. Carries ids only. */
export type Change =
  | { topic: 'account'; accountId: string }
  | { topic: 'edx-link'; accountId: string; edxLinkId: string }
  | { topic: 'enrollment'; accountId: string; enrollmentId: string; courseKey: string }
  | { topic: 'course-runs' }
  | { topic: 'oauth-client'; clientId: string }
  | { topic: 'signing-keys' };

export const changeChannel = 'portico_change';
