import type { MeasuredProbe } from "../lab/lab.ts";
import { differences } from "./lab-text.ts";

/** The object of `podwall lab -o json`; see schemas/podwall.lab.v1.schema.json. */
export interface LabJson {
  readonly schema: "podwall.lab/v1";
  readonly probes: readonly Pick<
    MeasuredProbe,
    "from" | "to" | "address" | "protocol" | "port" | "predicted" | "measured"
  >[];
  readonly differences: number;
}

export function labJson(probes: readonly MeasuredProbe[]): LabJson {
  return {
    schema: "podwall.lab/v1",
    probes: probes.map(({ from, to, address, protocol, port, predicted, measured }) => ({
      from,
      to,
      address,
      protocol,
      ...(port === undefined ? {} : { port }),
      predicted,
      measured,
    })),
    differences: differences(probes).length,
  };
}
