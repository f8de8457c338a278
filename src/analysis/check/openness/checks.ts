import type { Check } from "../check.ts";
import { apiServerReachable } from "./api-server-reachable.ts";
import { defaultDeny } from "./default-deny.ts";
import { egressAnywhere } from "./egress-anywhere.ts";
import { exposedPorts } from "./exposed-ports.ts";
import { kubeletReachable } from "./kubelet-reachable.ts";
import { metadataAddress } from "./metadata-address.ts";

/** What is more open than it should be. */
export const OPENNESS_CHECKS: readonly Check[] = [
  defaultDeny,
  exposedPorts,
  egressAnywhere,
  metadataAddress,
  kubeletReachable,
  apiServerReachable,
];
