import type { Check } from "../check.ts";
import { closedOtherSide } from "./closed-other-side.ts";
import { egressWithoutDns } from "./egress-without-dns.ts";
import { ipBlockOfPods } from "./ip-block-of-pods.ts";
import { ipBlockOfService } from "./ip-block-of-service.ts";
import { namedPorts } from "./named-ports.ts";
import { servicePorts } from "./service-ports.ts";
import { udpAsTcp } from "./udp-as-tcp.ts";

/** Ports, addresses and the other side of a connection. */
export const TRAFFIC_CHECKS: readonly Check[] = [
  ipBlockOfPods,
  ipBlockOfService,
  servicePorts,
  namedPorts,
  udpAsTcp,
  egressWithoutDns,
  closedOtherSide,
];
