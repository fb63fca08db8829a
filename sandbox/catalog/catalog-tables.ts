import type { Store } from '../journal/store.js';
import type { Table } from '../journal/table.js';
import type { CatalogCourse, CatalogRun, Organization, Program, ProgramType } from './rows.js';

/** The catalog's part of the state: what Discovery serves, and the LMS has in its cache. */
export class CatalogTables {
  readonly organizations: Table<Organization>;
  readonly programTypes: Table<ProgramType>;
  readonly courses: Table<CatalogCourse>;
  readonly programs: Table<Program>;

  constructor(store: Store) {
    this.organizations = store.table('organizations');
    this.programTypes = store.table('programTypes');
    this.courses = store.table('catalogCourses');
    this.programs = store.table('catalogPrograms');
  }

  organization(key: string): Organization | undefined {
    return this.organizations.get(key.toLowerCase());
  }

  putOrganization(organization: Organization): void {
    this.organizations.set(organization.key.toLowerCase(), organization);
  }

  /** The runs of a curriculum itself: nested programs are not looked at. */
  curriculumRuns({ curricula }: Program, curriculumUuid: string): CatalogRun[] {
    const curriculum = curricula.find(({ uuid }) => uuid === curriculumUuid);
    if (curriculum === undefined) return [];
    return this.runsOf(curriculum.courses).filter(({ key }) => !curriculum.excludedRuns.includes(key));
  }

  runsOf(courseKeys: readonly string[]): CatalogRun[] {
    return courseKeys.flatMap((key) => this.courses.get(key)?.runs ?? []);
  }

  clear(): void {
    for (const table of [this.organizations, this.programTypes, this.courses, this.programs]) table.clear();
  }
}

/** The first of a program's curricula that is active: the only one that Registrar looks at. */
export function activeCurriculum({ curricula }: Program): Program['curricula'][number] | undefined {
  return curricula.find(({ isActive }) => isActive);
}
