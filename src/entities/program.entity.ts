import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

/** A course run of a curriculum. */
export interface CurriculumRun {
  courseKey: string;
  /** The partner's own key of the run. */
  externalKey: string | null;
  title: string | null;
  url: string | null;
  /** Key of the course that the run is of, e.g. `edX+DemoX`. */
  course: string | null;
}

export interface Curriculum {
  /** Null for the one that a Registrar goes by, which it does not name. */
  uuid: string | null;
  name: string | null;
  isActive: boolean;
  runs: CurriculumRun[];
  /** UUIDs of the programs nested in it. */
  programs: string[];
}

/** What is kept beside the columns of what Discovery, or a Registrar, answered. */
export interface ProgramDetails {
  /** All organizations that author the program, in Discovery's order; a Registrar adds none. */
  organizations: { uuid: string; key: string; name: string }[];
  curricula: Curriculum[];
  /** Runs of the program's own courses, in no curriculum. */
  runs: CurriculumRun[];
}

/** A program of an organization, tied to the program of Discovery that it is. Its key is unique without regard to case. */
export const ProgramEntity = defineEntity({
  name: 'Program',
  tableName: 'program',
  properties: {
    ...baseProperties,
    /** What partners call it by, e.g. `masters-in-cs`. */
    key: p.text(),
    /** Id in Discovery and in the LMS; null while it is tied to none. */
    discoveryUuid: p.uuid().nullable(),
    /** The one organization that manages it. */
    organizationId: p.uuid(),
    title: p.text().nullable(),
    /** The stable word of its type, e.g. `masters`. */
    typeSlug: p.text().nullable(),
    /** How the type is shown, e.g. `Masters`; may be translated or renamed. */
    typeName: p.text().nullable(),
    /** `active`, `unpublished`, `retired` or `deleted`, as Discovery last said. */
    status: p.text().nullable(),
    url: p.text().nullable(),
    activeCurriculumUuid: p.uuid().nullable(),
    details: p.json<ProgramDetails | null>().nullable(),
    /** When Discovery, or the Registrar, last described it; null: never. */
    syncedAt: p.datetime().nullable(),
    /** What was said until then is to be asked for anew; null: it is good for as long as anything is. */
    forgottenAt: p.datetime().nullable(),
    /** When its learners were last read to the end; null: never. */
    learnersReadAt: p.datetime().nullable(),
  },
});
export type Program = InferEntity<typeof ProgramEntity>;
