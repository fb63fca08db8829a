import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their files start products, browsers and outages: short to read, long to run. */
const slowFolders = /\/test\/(e2e|resilience|runbook)\//;

/** What is known to be slow comes first, then the larger files: a long one that begins last is waited for by idle workers. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => slowFolders.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
