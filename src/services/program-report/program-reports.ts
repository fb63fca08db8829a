import type { Clock } from '../../clock.js';
import type { Authenticator } from '../../crypto/authenticator.js';
import type { OpenReport, ReportFolder, ReportPlace } from '../../datasources/report-folder/report-folder.js';
import { NotFoundError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { DownloadLink } from '../operation/operation-files.js';
import type { Program, ProgramService } from '../program/program.service.js';
import { type AddressSignature, createSignedAddresses } from '../signed-address.js';
import { dayOfReport } from './report-day.js';

/** A file about a program, made elsewhere. */
export interface ProgramReport {
  programId: string;
  /** Of the file, e.g. `aggregate_report__2019-12-12.csv`. */
  name: string;
  /** The day that its name tells, `YYYY-MM-DD`. */
  createdOn: string;
  /** Where its file is. */
  place: ReportPlace;
}

/** Reports of programs: listed for whoever may read them, given to whoever has a signed address. */
export interface ProgramReports {
  /**
   * The newest first, those of a day by name; whoever calls has checked access to the program.
   *
   * @param since - the first day, `YYYY-MM-DD`
   * @throws FilesUnavailableError when they cannot be read
   */
  list(program: ReportedProgram, filter?: { since?: string | undefined }): Promise<ProgramReport[]>;
  /** A fresh address of a report, good for some minutes. */
  address(report: Pick<ProgramReport, 'programId' | 'name'>): Pick<DownloadLink, 'url' | 'expiresAt'>;
  /** The same with what is there; null when the file is gone. @throws FilesUnavailableError */
  link(report: ProgramReport): Promise<DownloadLink | null>;
  /**
   * Opens a report by its address.
   *
   * @throws {@link NotFoundError} when the address is wrong or too old, or the file is gone; FilesUnavailableError
   */
  open(
    report: Pick<ProgramReport, 'programId' | 'name'>,
    signature: AddressSignature,
    ip: string | null,
  ): Promise<OpenReport>;
}

export type ReportedProgram = Pick<Program, 'id' | 'discoveryUuid' | 'organizationId'>;

export const reportPurpose = 'program-report';

export function createProgramReports({
  folder,
  programs,
  authenticator,
  audit,
  clock,
  publicUrl,
}: {
  folder: ReportFolder;
  programs: Pick<ProgramService, 'findByIds' | 'findOrganizations'>;
  authenticator: Authenticator;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
  publicUrl: string;
}): ProgramReports {
  const addresses = createSignedAddresses({ authenticator, clock });
  /** Undefined for a program that is tied to none of Discovery: nobody makes reports of it. */
  const placeOf = async ({ discoveryUuid, organizationId }: ReportedProgram): Promise<ReportPlace | undefined> => {
    if (discoveryUuid == null) return undefined;
    const [organization] = await programs.findOrganizations([organizationId]);
    return organization && { organizationKey: organization.key, programUuid: discoveryUuid };
  };
  const address: ProgramReports['address'] = ({ programId, name }) => {
    const { query, expiresAt } = addresses.sign(subjectOf(programId, name));
    return {
      url: `${publicUrl}/api/program-reports/${programId}/${encodeURIComponent(name)}?${query}`,
      expiresAt,
    };
  };
  return {
    address,
    async list(program, { since } = {}) {
      const place = await placeOf(program);
      if (!place) return [];
      return (await folder.list(place))
        .flatMap((name) => {
          const createdOn = dayOfReport(name);
          const isWanted = createdOn !== undefined && (since === undefined || createdOn >= since);
          return isWanted ? [{ programId: program.id, name, createdOn, place }] : [];
        })
        .sort((a, b) => compare(b.createdOn, a.createdOn) || compare(a.name, b.name));
    },
    async link(report) {
      const sizeBytes = await folder.sizeOf(report.place, report.name);
      return sizeBytes === null ? null : { ...address(report), name: report.name, sizeBytes };
    },
    async open({ programId, name }, signature, ip) {
      const isGood = addresses.isGood(subjectOf(programId, name), signature);
      const [program] = isGood ? await programs.findByIds([programId]) : [];
      const place = program && (await placeOf(program));
      const opened = place ? await folder.open(place, name) : null;
      if (!opened) throw new NotFoundError('This address is no longer good. Ask for the list of reports again.');
      await audit.record({
        action: 'report.downloaded',
        outcome: 'success',
        actor: { accountId: null, address: ip },
        detail: { id: programId, name },
      });
      return opened;
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function subjectOf(programId: string, name: string): string {
  return JSON.stringify([programId, name]);
}
