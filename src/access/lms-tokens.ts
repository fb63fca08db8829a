import type { Viewer } from './viewer.js';

/** Tells who stands behind a JWT that the LMS issued, for partners who obtain theirs there. */
export interface LmsTokens {
  /** Whether a token says that the LMS issued it; nothing is verified. */
  isOfLms(token: string): boolean;
  /**
   * The account that is tied to the token's LMS user. An LMS user whom nothing ties to an account is somebody, with no right to
   * anything.
   *
   * @throws UnauthenticatedError for a token that is not valid, `NAMELESS` for one that names nobody
   * @throws ForbiddenError for that of a restricted application
   * @throws UpstreamUnavailableError when the keys of the LMS cannot be read
   */
  authenticate(token: string): Promise<Viewer>;
}
