import type {
  Namespace,
  NetworkPolicy,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../src/k8s/objects.ts";
import type { Random } from "../../test/generators/random.ts";
import { GENERATED, type PlannedWorkload, workloadsByNamespace } from "./inventory.ts";

/** Where a policy is to be written, and by whom it may be surrounded. */
interface Place {
  readonly workloads: readonly PlannedWorkload[];
  /** Values of the namespace label `team` in use. */
  readonly teams: readonly string[];
  readonly random: Random;
}

type NamedSpec = readonly [name: string, spec: NetworkPolicySpec];

/** `count` policies of the kinds that people write, spread evenly over the namespaces. */
export function typicalPolicies(
  count: number,
  namespaces: readonly Namespace[],
  workloads: readonly PlannedWorkload[],
  random: Random,
): NetworkPolicy[] {
  const inNamespace = workloadsByNamespace(workloads);
  const teams = [...new Set(namespaces.flatMap(({ labels }) => labels.team ?? []))];
  return Array.from({ length: count }, (_, i) => {
    const { name: namespace } = namespaces[i % namespaces.length]!;
    const place: Place = { workloads: inNamespace.get(namespace) ?? [], teams, random };
    // Half of the namespaces begin with what every guide tells people to begin with.
    const startsClosed = i < namespaces.length && random.chance(0.5);
    const [name, spec] = startsClosed ? defaultDeny(place) : random.weighted(KINDS)(place);
    return {
      kind: "NetworkPolicy",
      namespace,
      name: `${name}-${Math.floor(i / namespaces.length)}`,
      spec,
      broken: false,
      origin: GENERATED,
    };
  });
}

const KINDS: readonly (readonly [weight: number, kind: (place: Place) => NamedSpec])[] = [
  [5, defaultDeny],
  [10, allowNamespace],
  [30, allowAppFromApp],
  [8, allowNamedPort],
  [12, allowTeam],
  [8, allowPlatform],
  [10, egressDns],
  [8, egressInternet],
  [5, ingressOffice],
  [4, exceptComponents],
];

function defaultDeny({ random }: Place): NamedSpec {
  return random.chance(0.7)
    ? ["default-deny", { podSelector: {}, policyTypes: ["Ingress"] }]
    : ["default-deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }];
}

function allowNamespace(): NamedSpec {
  return [
    "allow-same-namespace",
    { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] },
  ];
}

function allowAppFromApp({ workloads, random }: Place): NamedSpec {
  const to = random.pick(workloads);
  const from = random.pick(workloads);
  const ports = to.ports.slice(0, 1).map(({ protocol, port }) => ({ protocol, port }));
  return [
    `${to.labels.app}-from-${from.labels.app}`,
    {
      podSelector: { matchLabels: { app: to.labels.app! } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: from.labels.app! } } }], ports }],
    },
  ];
}

function allowNamedPort({ workloads, random }: Place): NamedSpec {
  const to = random.pick(workloads);
  const { name, protocol } = random.pick(to.ports);
  return [
    `${to.labels.app}-${name}`,
    {
      podSelector: { matchLabels: { app: to.labels.app! } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol, port: name! }] }],
    },
  ];
}

function allowTeam({ workloads, teams, random }: Place): NamedSpec {
  const to = random.pick(workloads);
  const team = random.pick(teams);
  const client = random.chance(0.5)
    ? { podSelector: { matchLabels: { component: random.pick(workloads).labels.component! } } }
    : {};
  return [
    `${to.labels.app}-from-${team}`,
    {
      podSelector: { matchLabels: { component: to.labels.component! } },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { team } }, ...client }], ports: [{ port: 443 }] },
      ],
    },
  ];
}

function allowPlatform({ workloads, random }: Place): NamedSpec {
  const purpose = random.pick(["monitoring", "ingress-nginx"]);
  const ports: NetworkPolicyPort[] =
    purpose === "monitoring" ? [{ port: "metrics" }, { port: 9100, endPort: 9199 }] : [{ port: "http" }];
  return [
    `allow-${purpose}`,
    {
      podSelector:
        purpose === "monitoring" ? {} : { matchLabels: { app: random.pick(workloads).labels.app! } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { purpose } } }], ports }],
    },
  ];
}

function egressDns(): NamedSpec {
  return [
    "egress-dns",
    {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [{ protocol: "UDP", port: 53 }, { port: 53 }],
        },
      ],
    },
  ];
}

function egressInternet({ workloads, random }: Place): NamedSpec {
  const from = random.pick(workloads);
  return [
    `${from.labels.app}-internet`,
    {
      podSelector: { matchLabels: { app: from.labels.app! } },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] },
            },
          ],
          ports: [{ port: 443 }],
        },
        { to: [{ podSelector: {} }] },
      ],
    },
  ];
}

function ingressOffice({ workloads, random }: Place): NamedSpec {
  const to = random.pick(workloads);
  const office = random.int(0, 200);
  return [
    `${to.labels.app}-office`,
    {
      podSelector: { matchLabels: { app: to.labels.app! } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [
            {
              ipBlock: {
                cidr: `192.168.${office}.0/24`,
                except: [`192.168.${office}.${random.int(0, 15) * 16}/28`],
              },
            },
          ],
          ports: [{ port: 80 }, { port: 8000, endPort: 8100 }],
        },
      ],
    },
  ];
}

function exceptComponents({ workloads, random }: Place): NamedSpec {
  const to = random.pick(workloads);
  return [
    `${to.labels.app}-not-from-batch`,
    {
      podSelector: {
        matchExpressions: [{ key: "component", operator: "In", values: [to.labels.component!, "api"] }],
      },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [
            {
              podSelector: {
                matchExpressions: [
                  { key: "component", operator: "NotIn", values: ["batch", "queue"] },
                  { key: "app", operator: "Exists" },
                ],
              },
            },
          ],
        },
      ],
    },
  ];
}
