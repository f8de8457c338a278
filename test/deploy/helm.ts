import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describeUnless } from "../../src/lab/testing/harness.ts";

const SCRIPT = "scripts/helm.mjs";

const CHART: string = fileURLToPath(new URL("../../deploy/chart/podwall", import.meta.url));

const found = spawnSync(
  process.execPath,
  [fileURLToPath(new URL(`../../${SCRIPT}`, import.meta.url)), "--where"],
  { encoding: "utf8" },
);

/** Tests of the chart; one skipped test that says why where there is no helm. */
export function describeHelm(title: string, tests: () => void): void {
  const reason = found.stderr.trim().replace(/^podwall: /, "");
  const advice = `node ${SCRIPT} builds one (a minute or two, with Go)`;
  describeUnless(found.status === 0 ? undefined : `${reason}; ${advice}`, title, tests);
}

export interface HelmResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `helm COMMAND ... deploy/chart/podwall` with values, as on the command line (`agent.flows=all`). */
export function helm(command: readonly string[], values: readonly string[] = []): HelmResult {
  const [name, ...rest] = command;
  const set = values.flatMap((each) => ["--set", each]);
  return spawnSync(found.stdout.trim(), [name!, ...rest, CHART, ...set], { encoding: "utf8" });
}

/** What `helm template` prints for an installation in a namespace. */
export function template(values: readonly string[] = [], namespace = "podwall-system"): string {
  const { status, stdout, stderr } = helm(["template", "podwall", "--namespace", namespace], values);
  if (status !== 0) throw new Error(`helm template ${values.join(" ")}: ${stderr}`);
  return stdout;
}
