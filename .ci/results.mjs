// What the test runner's JSON reports say.
//   results.mjs failed-files REPORT                   the files of it that failed, one on a line; exit code 1 when there are none
//   results.mjs count STEPS_FAILED AGAIN REPORT...    what failed, and `N passed, N failed, N skipped`
// AGAIN is the report of a second run of failed files, and counts in place of the first; it may be missing.
import { existsSync, readFileSync } from 'node:fs';

const [, , command, ...args] = process.argv;
if (command === 'failed-files') {
  const failed = read(args[0]).filter((file) => hasFailed(file));
  for (const { name } of failed) console.log(name);
  process.exitCode = failed.length > 0 ? 0 : 1;
} else count(args);

function count([stepsFailed, again, ...reports]) {
  const second = new Map(existsSync(again) ? read(again).map((file) => [file.name, file]) : []);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reports) {
    let files;
    try {
      files = read(report);
    } catch (error) {
      console.log(`No report: ${error.message}`);
      sum.failed += 1;
      continue;
    }
    for (const first of files) {
      const file = second.get(first.name) ?? first;
      if (file !== first) for (const each of failuresOf(first)) console.log(`Failed at first: ${each}`);
      for (const each of failuresOf(file)) console.log(`FAILED: ${each}`);
      const states = file.assertionResults.map(({ status }) => status);
      const passed = states.filter((state) => state === 'passed').length;
      const failed = states.filter((state) => state === 'failed').length;
      sum.passed += passed;
      sum.failed += failed || (hasFailed(file) ? 1 : 0);
      sum.skipped += states.length - passed - failed;
    }
  }
  if (stepsFailed === '1' && sum.failed === 0) sum.failed = 1;
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

/** The files of a report. An empty one is a run that ended before it could count. */
function read(report) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  if (testResults.length === 0) throw new Error(`${report} has no test`);
  return testResults;
}

function hasFailed({ status, assertionResults }) {
  return status !== 'passed' || assertionResults.some((test) => test.status === 'failed');
}

function failuresOf(file) {
  if (!hasFailed(file)) return [];
  const name = file.name.replace(`${process.cwd()}/`, '');
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  if (tests.length === 0) return [`${name}: ${firstLines(file.message)}`];
  return tests.map((test) => `${name} > ${test.fullName}: ${firstLines(test.failureMessages[0])}`);
}

function firstLines(message = '') {
  return message.split('\n').slice(0, 6).join('\n  ');
}
