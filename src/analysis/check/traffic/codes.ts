/** Ports, addresses and the other side of a connection: what is written is not what packets look like on their way. */
export const TRAFFIC_CODES = {
  "ip-block-of-pods": {
    severity: "warning",
    summary: "An ipBlock takes in pods of the cluster, where addresses outside were probably meant.",
  },
  "ip-block-of-service": {
    severity: "warning",
    summary:
      "An ipBlock names the address of a Service, which is translated before policies look: it matches nothing.",
  },
  "service-port-instead-of-target-port": {
    severity: "warning",
    summary:
      "A rule names the port of a Service, but its pods listen on another, which is what policies see.",
  },
  "named-port-unknown": {
    severity: "warning",
    summary: "A rule names a port that none of the pods has: it lets nothing pass there.",
  },
  "named-port-differs": {
    severity: "info",
    summary: "A rule names a port whose number differs from pod to pod.",
  },
  "udp-as-tcp": {
    severity: "warning",
    summary: "A rule allows a port for TCP, where the traffic is UDP (or SCTP): it does not pass.",
  },
  "egress-without-dns": {
    severity: "warning",
    summary: "Pods may connect to others, but cannot ask DNS for their names.",
  },
  "egress-meets-closed-ingress": {
    severity: "warning",
    summary: "Egress to pods is allowed, but their own policies keep all of it out.",
  },
  "ingress-meets-closed-egress": {
    severity: "warning",
    summary: "Ingress from pods is allowed, but their own policies let none of it out.",
  },
} as const;
