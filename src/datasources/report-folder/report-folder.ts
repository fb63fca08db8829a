import { constants } from 'node:fs';
import { lstat, open, opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FilesUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { createBoundedRead } from './bounded-reads.js';

/** Whose files: a program by its id in Discovery, below the organization that manages it. */
export interface ReportPlace {
  organizationKey: string;
  programUuid: string;
}

/** A file that is open: whoever has it reads the content to its end, or destroys it. */
export interface OpenReport {
  sizeBytes: number;
  content: Readable;
}

/**
 * Files that another process leaves in a folder, laid out as Registrar has its bucket:
 * `{folder}/reports_v2/{organization}/{id of the program, without dashes}/`. Links below the folder are not followed, so that
 * no file of another program, and none from outside, is ever given out. Every method throws {@link FilesUnavailableError} when the
 * folder cannot be read, after logging why.
 */
export interface ReportFolder {
  /** Names of a program's files; none where it has no folder. */
  list(place: ReportPlace): Promise<string[]>;
  /** Size in bytes; null when there is no such file. */
  sizeOf(place: ReportPlace, name: string): Promise<number | null>;
  /** Null when there is no such file. */
  open(place: ReportPlace, name: string): Promise<OpenReport | null>;
}

/** A list with all its sizes may wait; the answer is due within the time that clients have. */
const bounds = { most: 2, mostWaiting: 20_000, patienceMs: 10_000 };

/**
 * @param path - undefined: there is no folder, and so no report of any program
 * @param mostEntries - of one program's folder; as it is, three reports a day for nine years
 */
export function createReportFolder({
  path,
  logger,
  mostEntries = 10_000,
}: {
  path: string | undefined;
  logger: Logger;
  mostEntries?: number;
}): ReportFolder {
  const bounded = createBoundedRead(bounds);
  const guarded = async <Found>(read: (signal: AbortSignal) => Promise<Found>, otherwise: Found): Promise<Found> => {
    try {
      return await bounded(read);
    } catch (error) {
      if (isMissing(error)) return otherwise;
      logger.error({ err: error, folder: path }, 'the folder of the reports cannot be read');
      throw error instanceof FilesUnavailableError ? error : unreadable(error);
    }
  };
  const list = async (place: ReportPlace) => {
    const folder = path === undefined ? undefined : await findFolder(path, place);
    const names: string[] = [];
    if (folder === undefined) return names;
    let count = 0;
    // Read to its end or left early, the directory is closed by the loop.
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      count += 1;
      if (count > mostEntries) throw tooMany(mostEntries);
      if (entry.isFile()) names.push(entry.name);
    }
    return names;
  };
  const find = async (place: ReportPlace, name: string) => {
    const folder = path === undefined || !isSegment(name) ? undefined : await findFolder(path, place);
    return folder && join(folder, name);
  };
  return {
    list: (place) => guarded(() => list(place), []),
    sizeOf: (place, name) =>
      guarded(async () => {
        const file = await find(place, name);
        const found = file === undefined ? undefined : await lstat(file);
        return found?.isFile() ? found.size : null;
      }, null),
    open: (place, name) =>
      guarded(async (signal) => {
        const file = await find(place, name);
        const opened = file === undefined ? null : await openFile(file);
        // Nobody waits any more, and so nobody would close it.
        if (signal.aborted) opened?.content.destroy();
        return opened;
      }, null),
  };
}

/** @returns the real path of the program's folder; undefined for names that no folder can have */
async function findFolder(path: string, { organizationKey, programUuid }: ReportPlace): Promise<string | undefined> {
  // That it is missing altogether is no program without reports: a volume is not mounted.
  const root = await realpath(path).catch((error: unknown) => {
    throw unreadable(error);
  });
  const segments = ['reports_v2', organizationKey, programUuid.replaceAll('-', '')];
  if (!segments.every(isSegment)) return undefined;
  const wanted = join(root, ...segments);
  const real = await realpath(wanted);
  if (real !== wanted) throw unreadable(new Error(`${wanted} is a link, or below one: links are not followed`));
  return real;
}

async function openFile(file: string): Promise<OpenReport | null> {
  // No link is opened, and a pipe that nobody writes to does not keep anybody waiting.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (stat.isFile()) {
      const sizeBytes = stat.size;
      // To the size that is told, whatever is added meanwhile.
      const content = sizeBytes === 0 ? Readable.from([]) : handle.createReadStream({ start: 0, end: sizeBytes - 1 });
      if (sizeBytes === 0) await handle.close();
      return { sizeBytes, content };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

function isSegment(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/** Nothing there, or a link in its place (which `O_NOFOLLOW` refuses). */
function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO';
}

const advice = 'whoever runs Portico finds the reason in its log; PROGRAM_REPORTS_FOLDER names the folder.';

function unreadable(cause: unknown): FilesUnavailableError {
  return new FilesUnavailableError(
    `The reports of this program cannot be read at the moment. Try again later: ${advice}`,
    { cause },
  );
}

function tooMany(mostEntries: number): FilesUnavailableError {
  return new FilesUnavailableError(
    `This program has more than ${mostEntries} reports, which are too many to list. Ask for old ones to be moved away: ${advice}`,
  );
}
