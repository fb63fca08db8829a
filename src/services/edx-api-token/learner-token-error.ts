import { UpstreamUnavailableError } from '../../errors.js';

/** The LMS answered, but gave no token: nobody's request is at fault, an operator must look at the connection. */
export class LearnerTokenError extends UpstreamUnavailableError {
  /** @param step - where the exchange ended; stable word */
  constructor(
    readonly step: string,
    message: string,
  ) {
    super(message, { upstream: 'lms', why: 'credentials' });
  }
}
