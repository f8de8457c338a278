/** A vitest reporter that lists skipped tests with their reasons, so that a green run hides nothing. */
export default class SkippedReporter {
  onTestRunEnd(testModules) {
    const skipped = testModules.flatMap((testModule) => [...testModule.children.allTests("skipped")]);
    if (skipped.length === 0) return;
    console.log("\nSkipped:");
    for (const test of skipped) {
      const reason = test.result().note ?? "no reason given";
      console.log(`  ${test.module.relativeModuleId} > ${test.fullName}: ${reason}`);
    }
  }
}
