import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

// node scripts/sum-tests.mjs DIR STATUS SUITE... : sums the results of the suites and ends with the line that `.ci/run`
// promises. STATUS is how the commands themselves ended: not 0 counts as a failure even where every test passed.
const [folder = "", status = "1", ...suites] = process.argv.slice(2);
const expectedSkips = new Set(JSON.parse(readFileSync("test/expected-skips.json", "utf8")).map(({ test }) => test));

const counts = { passed: 0, failed: 0, skipped: 0 };
const complaints = [];
const fail = (what) => {
  counts.failed++;
  complaints.push(what);
};

for (const suite of suites) {
  const file = join(folder, `${suite}.json`);
  if (!existsSync(file)) {
    fail(`${suite}: did not run to its end`);
    continue;
  }
  for (const { name, status: outcome, message, assertionResults } of JSON.parse(readFileSync(file, "utf8"))
    .testResults) {
    // A file that does not even load has no tests that could fail.
    if (outcome === "failed" && !assertionResults.some((one) => one.status === "failed"))
      fail(`${suite}: ${name}: ${message}`);
    for (const test of assertionResults) {
      const title = `${suite}: ${test.fullName}`;
      if (test.status === "passed") counts.passed++;
      else if (test.status === "failed") fail(title);
      else {
        counts.skipped++;
        if (!expectedSkips.has(title)) complaints.push(`skipped, but not in test/expected-skips.json: ${title}`);
      }
    }
  }
}

if (counts.passed === 0) complaints.push("no test passed at all");
if (status !== "0" && counts.failed === 0) fail(`a step ended with ${status} although no test failed; see above`);
for (const complaint of complaints) console.log(complaint);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = complaints.length === 0 ? 0 : 1;
