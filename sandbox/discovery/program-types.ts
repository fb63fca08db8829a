import type { ProgramType } from '../catalog/rows.js';
import { json } from '../lms/http/answer.js';
import { notFound } from '../lms/http/errors.js';
import { numberPage } from '../lms/http/standard-page.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { discoveryView } from './view-options.js';

const PAGE_SIZE = 20;

/** `program_types/`: paged by number only. */
export function programTypeViews(lms: Lms): View[] {
  const { programTypes } = lms.state.catalog;
  return [
    discoveryView(lms, 'program_types/', (call) => numberPage(call, [...programTypes.values()], PAGE_SIZE, typeView)),
    discoveryView(lms, 'program_types/{slug}/', (call) => {
      const type = programTypes.get(call.param('slug'));
      if (type === undefined) throw notFound();
      return json(typeView(type));
    }),
  ];
}

function typeView({ uuid, name, slug }: ProgramType): Record<string, unknown> {
  return { uuid, name, logo_image: null, applicable_seat_types: [], slug, coaching_supported: false };
}
