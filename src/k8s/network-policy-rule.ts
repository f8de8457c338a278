import { addError, type Check, isAbsent, isMapping, readList, readMapping } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import { readPeer } from "./network-policy-peer.ts";
import { readPolicyPort } from "./network-policy-port.ts";
import type {
  Direction,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
} from "./objects.ts";

const PEER_FIELDS = ["podSelector", "namespaceSelector", "ipBlock"];

function ruleFields(name: string, peers: "from" | "to", wrong: string): FieldSet {
  const peerHelp = `It belongs into ${peers}: write ${peers}: and put this below it, with a dash.`;
  const portHelp = "It belongs into ports: write ports: and put this below it, with a dash.";
  return {
    name,
    fields: [peers, "ports"],
    elsewhere: {
      [peers === "from" ? "to" : "from"]: wrong,
      ...Object.fromEntries(PEER_FIELDS.map((field) => [field, peerHelp])),
      ...Object.fromEntries(["port", "protocol", "endPort"].map((field) => [field, portHelp])),
    },
  };
}

const INGRESS_RULE = ruleFields(
  "An ingress rule",
  "from",
  "Ingress rules say from whom traffic may come. Did you mean from? Otherwise move the rule to egress.",
);
const EGRESS_RULE = ruleFields(
  "An egress rule",
  "to",
  "Egress rules say to whom traffic may go. Did you mean to? Otherwise move the rule to ingress.",
);

/** Reads `spec.ingress`; undefined if it is absent or no list. */
export function readIngress(
  check: Check,
  value: unknown,
  path: FieldPath,
): readonly NetworkPolicyIngressRule[] | undefined {
  return readRules(check, value, path, "ingress")?.map(({ peers, ports }) => ({
    ...(peers === undefined ? {} : { from: peers }),
    ...(ports === undefined ? {} : { ports }),
  }));
}

/** Reads `spec.egress`; undefined if it is absent or no list. */
export function readEgress(
  check: Check,
  value: unknown,
  path: FieldPath,
): readonly NetworkPolicyEgressRule[] | undefined {
  return readRules(check, value, path, "egress")?.map(({ peers, ports }) => ({
    ...(peers === undefined ? {} : { to: peers }),
    ...(ports === undefined ? {} : { ports }),
  }));
}

interface Rule {
  readonly peers?: readonly NetworkPolicyPeer[];
  readonly ports?: NonNullable<NetworkPolicyIngressRule["ports"]>;
}

function readRules(check: Check, value: unknown, path: FieldPath, direction: Direction): Rule[] | undefined {
  const list = readList(check, value, path, (v) => rulesHelp(v, direction));
  return list?.flatMap((item, index) => {
    const rule = readRule(check, item, [...path, index], direction);
    return rule === undefined ? [] : [rule];
  });
}

function rulesHelp(value: unknown, direction: Direction): string {
  if (isMapping(value)) {
    if (Object.keys(value).length === 0)
      return `Write ${direction}: [{}] to allow everything, ${direction}: [] nothing.`;
    return `${direction} is a list of rules: put a dash before ${Object.keys(value)[0]}, and indent the rest under it.`;
  }
  return `${direction} is a list of rules: - ${direction === "ingress" ? "from" : "to"}: ...`;
}

function readRule(check: Check, value: unknown, path: FieldPath, direction: Direction): Rule | undefined {
  const peers = direction === "ingress" ? "from" : "to";
  const map = readMapping(check, value, path, () => `Write - ${peers}: ... or - ports: ...`);
  if (map === undefined) {
    if (isAbsent(value)) {
      addError(check, path, {
        code: "empty-list-item",
        message: `This ${direction} rule is empty; Kubernetes reads it as one that allows everything.`,
        help: "Write - {} if everything is meant, or remove the dash.",
      });
    }
    return undefined;
  }
  checkFields(check, map, path, direction === "ingress" ? INGRESS_RULE : EGRESS_RULE);
  // Written without a value they are empty lists, as in the API, and it matters to people that they were written.
  const peerList = readList(check, map[peers] === null ? [] : map[peers], [...path, peers], (v) =>
    peersHelp(v, peers),
  );
  const portList = readList(check, map.ports === null ? [] : map.ports, [...path, "ports"], portsHelp);
  return {
    ...(peerList === undefined
      ? {}
      : { peers: readItems(peerList, (item, index) => readPeer(check, item, [...path, peers, index])) }),
    ...(portList === undefined
      ? {}
      : {
          ports: readItems(portList, (item, index) => readPolicyPort(check, item, [...path, "ports", index])),
        }),
  };
}

function readItems<T>(list: readonly unknown[], read: (item: unknown, index: number) => T | undefined): T[] {
  return list.flatMap((item, index) => {
    const value = read(item, index);
    return value === undefined ? [] : [value];
  });
}

function peersHelp(value: unknown, peers: string): string {
  if (!isMapping(value))
    return `${peers} is a list: - podSelector: ..., - namespaceSelector: ... or - ipBlock: ...`;
  const first = Object.keys(value)[0];
  if (first === undefined) return `For everyone, leave ${peers} out.`;
  return `${peers} is a list: put a dash before ${first} (one dash if all of it describes one peer).`;
}

function portsHelp(value: unknown): string {
  if (isMapping(value)) return `ports is a list: put a dash before ${Object.keys(value)[0] ?? "port"}.`;
  return typeof value === "number" || typeof value === "string"
    ? `ports is a list: ports: [{port: ${value}}].`
    : "ports is a list: - port: ...";
}
