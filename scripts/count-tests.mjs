import { readFileSync } from "node:fs";

/**
 * Prints "passed failed skipped", counted from the JSON report of vitest in the file of the first argument.
 * A test file that failed without a failed test of its own (it did not load) counts as one failed test.
 */
function main(path) {
  const { testResults } = JSON.parse(readFileSync(path, "utf8"));
  const statuses = testResults.flatMap((file) => {
    const own = file.assertionResults.map(({ status }) => status);
    return file.status === "failed" && !own.includes("failed") ? [...own, "failed"] : own;
  });
  const count = (wanted) => statuses.filter((status) => wanted.includes(status)).length;
  console.log(count(["passed"]), count(["failed"]), count(["pending", "skipped", "todo", "disabled"]));
}

main(process.argv[2]);
