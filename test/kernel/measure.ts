import { podwall } from "../cli/run-podwall.ts";

/** A probe as `podwall lab -o json` prints it. */
export interface Probe {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly protocol: "TCP" | "UDP" | "SCTP" | "ICMP";
  readonly port?: number;
  readonly predicted: "allow" | "deny";
  readonly measured: "allow" | "deny";
}

/** Runs the lab on manifests and gives its probes; throws with everything it printed if it did not run. */
export async function measure(
  paths: readonly string[],
  externals: readonly string[],
  stdin?: string,
  options: readonly string[] = [],
): Promise<readonly Probe[]> {
  const external = externals.flatMap((address) => ["--external", address]);
  const result = await podwall(
    ["lab", "-o", "json", ...options, ...external, "--", ...paths],
    stdin === undefined ? {} : { stdin },
  );
  if (result.code !== 0 && result.code !== 1) {
    throw new Error(`podwall lab ended with ${result.code}\n${result.stderr}`);
  }
  // The rules are read back as well: what no probe asks about must be right too.
  if (result.stderr.includes("kernel differs from the model")) throw new Error(result.stderr);
  const output = JSON.parse(result.stdout) as { probes: Probe[]; differences: number };
  return output.probes;
}

/** Those whose packets did not do as the engine said. */
export function differing(probes: readonly Probe[]): Probe[] {
  return probes.filter((probe) => probe.predicted !== probe.measured);
}
