import { NotFoundError } from '../../errors.js';
import type { WritePermission } from './program-write.service.js';

/** An administrator may write every program; to everybody else there is none. */
export const administratorsOnly: WritePermission = {
  async require({ roles }) {
    if (!roles.has('ADMIN')) throw new NotFoundError('There is no such program.');
  },
};
