import { json } from '../http/answer.js';
import { plainView, type View } from '../http/view.js';

/** What load balancers and monitors ask. */
export function statusViews(): View[] {
  return [
    plainView('/heartbeat', {
      methods: {
        GET: (call) => {
          const ok = { status: true, message: 'OK' };
          const celery = { status: true, message: "{'time': '0.002'}" };
          return json({ modulestore: ok, sql: ok, ...(call.query.has('extended') ? { celery } : {}) });
        },
      },
    }),
  ];
}
