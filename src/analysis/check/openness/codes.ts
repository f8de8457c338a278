/** What is more open than it should be. */
export const OPENNESS_CODES = {
  "unselected-pods": {
    severity: "warning",
    summary: "Policies isolate some pods of a namespace, and leave others open to everyone.",
  },
  "no-default-deny": {
    severity: "info",
    summary: "Namespaces without a policy for every pod: what no other policy selects is open.",
  },
  "exposed-database": {
    severity: "warning",
    summary: "Everyone may connect to a database, a cache, a queue or another store of data.",
  },
  "exposed-admin-port": {
    severity: "warning",
    summary: "Everyone may connect to a port that gives power over machines or other services.",
  },
  "egress-anywhere": {
    severity: "info",
    summary: "A rule lets pods out to every address, the inside of the cluster included.",
  },
  "metadata-address": {
    severity: "warning",
    summary: "A block of addresses lets pods out to the metadata service of the cloud.",
  },
  "kubelet-reachable": {
    severity: "warning",
    summary: "A block of addresses lets pods out to the kubelets of nodes.",
  },
  "api-server-reachable": {
    severity: "info",
    summary: "Blocks of addresses let pods out to the API server.",
  },
} as const;
