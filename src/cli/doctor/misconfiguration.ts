/** Mistakes in a connection that are known by name: `portico doctor --json` carries these names for programs. */
export const misconfigurations = [
  'wrong-site',
  'missing-backend',
  'secret-mismatch',
  'redirect-mismatch',
  'worker-not-staff',
  'token-expired',
  'host-mismatch',
  'third-party-auth-required',
  'registration-closed',
  'clock-skew',
  'throttled',
  'wrong-slug',
] as const;
export type Misconfiguration = (typeof misconfigurations)[number];
