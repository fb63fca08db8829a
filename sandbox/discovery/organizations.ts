import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { notFound } from '../lms/http/errors.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { organizationView } from './organization-view.js';
import { commaList, discoveryView, listAnswer, partnerOf, trim } from './view-options.js';

/** `organizations/`: others than staff see only what publisher permissions grant them, which is nothing here. */
export function organizationViews(lms: Lms): View[] {
  return [
    discoveryView(lms, 'organizations/', (call) => list(lms, call)),
    discoveryView(lms, 'organizations/{uuid}/', (call) => {
      const organization = visible(lms, call).find(({ uuid }) => uuid === call.param('uuid').toLowerCase());
      if (organization === undefined) throw notFound();
      return json(trim(call, organizationView(organization)));
    }),
  ];
}

function visible(lms: Lms, call: Call) {
  const partner = partnerOf(lms, call);
  const all = [...lms.state.catalog.organizations.values()].filter((each) => each.partner === partner);
  return call.user.isStaff || call.user.isSuperuser ? all : [];
}

function list(lms: Lms, call: Call): Answer {
  const uuids = commaList(call, 'uuids')?.map((uuid) => uuid.toLowerCase());
  // Nothing has a tag, so whoever asks for one finds nothing.
  const tags = commaList(call, 'tags');
  const rows = visible(lms, call).filter(({ uuid }) => tags === null && (uuids?.includes(uuid) ?? true));
  return listAnswer(call, rows, organizationView);
}
