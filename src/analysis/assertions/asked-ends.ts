import type { Family } from "../../net/address.ts";
import type { EndSet } from "./end-set.ts";
import type { WantedPorts } from "./family-ends.ts";

/** The ends and ports of a case. */
export interface AskedEnds {
  readonly from: EndSet;
  readonly to: EndSet;
  readonly wanted: WantedPorts;
  readonly families: readonly Family[];
}
