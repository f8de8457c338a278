import { parseAddress } from "../net/address.ts";
import { formatCidr, parseCidr } from "../net/cidr.ts";
import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkCidr } from "./cidr.ts";
import { readNamespacedPods, readNamespaces } from "./cluster-policy-subject.ts";
import { domainNameFault } from "./domain-name.ts";
import { readLabelSelector } from "./label-selector.ts";
import type { FieldPath } from "./location.ts";
import type { ClusterPolicyPeer, Direction } from "./objects.ts";
import { type OneOfFields, readOneOf } from "./one-of.ts";
import { checkDistinct, readItems, readLimitedList } from "./policy-list.ts";
import { type RuleContext, warnOfUnknownMatcher } from "./unknown-matcher.ts";

/** The fields of a peer. */
export type PeerField = keyof ClusterPolicyPeer & string;

/** How the peers of a kind of policy are read. */
export interface PeerRules {
  /** What a peer may have, for each direction. */
  readonly fields: Readonly<Record<Direction, readonly PeerField[]>>;
  readonly needsNamespaceSelector: boolean;
}

/** `networks` and `domainNames` have at most 25 entries in all versions of the API. */
const MAX_ENTRIES = 25;

const ELSEWHERE: Readonly<Record<string, string>> = {
  podSelector: "Write - pods: {namespaceSelector: ..., podSelector: ...}.",
  namespaceSelector: "Write - namespaces: ..., or - pods: {namespaceSelector: ..., podSelector: ...}.",
  ipBlock: "Write - networks: [CIDR]; only egress rules have it, and it knows no except.",
  namespace: "Write - namespaces: {matchLabels: {kubernetes.io/metadata.name: NAME}}.",
  matchLabels: "Put it inside namespaces: or pods:.",
  matchExpressions: "Put it inside namespaces: or pods:.",
  ports: "It belongs to the rule: move it out, to the same indent as from or to.",
  protocols: "It belongs to the rule: move it out, to the same indent as from or to.",
  action: "It belongs to the rule: move it out, to the same indent as from or to.",
};

/** Reads one item of `from` or `to`. One of a kind that is not known comes back without any field. */
export function readClusterPolicyPeer(
  check: Check,
  value: unknown,
  path: FieldPath,
  rules: PeerRules,
  rule: RuleContext,
): ClusterPolicyPeer | undefined {
  const map = readMapping(check, value, path, () => "Write - namespaces: ... or - pods: ...");
  if (map === undefined) {
    if (isAbsent(value)) reportEmptyItem(check, path);
    return undefined;
  }
  const fields = peerFields(rules.fields[rule.direction], rule.direction);
  const chosen = readOneOf(check, map, path, fields);
  if (chosen.found === "several") return undefined;
  if (chosen.found === "none") {
    warnOfUnknownMatcher(check, map, path, fields, rule);
    return {};
  }
  const { field } = chosen;
  const read = readers[field](check, map[field], [...path, field], rules, rule);
  return read === undefined ? undefined : { [field]: read };
}

function peerFields(fields: readonly PeerField[], direction: Direction): OneOfFields<PeerField> {
  const notHere = (["nodes", "networks", "domainNames"] as const).filter((field) => !fields.includes(field));
  return {
    name: "A peer",
    fields,
    severalHelp:
      "Each is a peer of its own: put a dash before it (then either matches). For pods of namespaces, write pods: {namespaceSelector: ..., podSelector: ...}.",
    elsewhere: {
      ...ELSEWHERE,
      ...Object.fromEntries(
        notHere.map((field) => [
          field,
          `This version of the API has no ${field} in ${direction} rules of this kind. Known are: ${fields.join(", ")}.`,
        ]),
      ),
    },
  };
}

function reportEmptyItem(check: Check, path: FieldPath): void {
  addError(check, path, {
    code: "empty-list-item",
    message: "This peer is empty.",
    help: "Write the peer, or remove the dash. For every pod of the cluster, write - namespaces: {}.",
  });
}

type Reader<Field extends PeerField> = (
  check: Check,
  value: unknown,
  path: FieldPath,
  rules: PeerRules,
  rule: RuleContext,
) => ClusterPolicyPeer[Field] | undefined;

const readers: { readonly [Field in PeerField]: Reader<Field> } = {
  namespaces: readNamespaces,
  pods: (check, value, path, rules) => readNamespacedPods(check, value, path, rules.needsNamespaceSelector),
  nodes: readLabelSelector,
  networks: readNetworks,
  domainNames: (check, value, path, _rules, rule) => readDomainNames(check, value, path, rule),
};

function readNetworks(check: Check, value: unknown, path: FieldPath): readonly string[] | undefined {
  const list = readLimitedList(check, value, path, {
    min: 1,
    max: MAX_ENTRIES,
    emptyHelp: "Name at least one block, such as 10.0.0.0/8.",
    typeHelp: (v) => (typeof v === "string" ? `Write a list: networks: [${v}].` : undefined),
  });
  if (list === undefined) return undefined;
  checkDistinct(check, list, path);
  return readItems(list, path, (item, itemPath) => {
    if (isAbsent(item)) wrongType(check, item, itemPath, "a CIDR such as 10.0.0.0/8");
    const text = readText(check, item, itemPath);
    if (text !== undefined) checkNetwork(check, text, itemPath);
    return text;
  });
}

/** The CRDs read CIDRs more strictly than ipBlock does: without leading zeros (CEL `isCIDR`). */
function checkNetwork(check: Check, text: string, path: FieldPath): void {
  const block = parseCidr(text);
  const [address = "", prefix = ""] = text.split("/");
  if (block === undefined || (parseAddress(address) !== undefined && !/^0./.test(prefix))) {
    checkCidr(check, text, path);
    return;
  }
  addError(check, path, {
    code: "bad-cidr",
    message: `${inWords(text)} has leading zeros, which this kind of policy must not have.`,
    help: `Write ${formatCidr(block.cidr)}, or the block that was meant: some programs read such numbers as octal.`,
  });
}

function readDomainNames(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
): readonly string[] | undefined {
  const list = readLimitedList(check, value, path, {
    min: 1,
    max: MAX_ENTRIES,
    emptyHelp: "Name at least one domain, such as example.com or *.example.com.",
    typeHelp: (v) => (typeof v === "string" ? `Write a list: domainNames: [${v}].` : undefined),
  });
  if (list === undefined) return undefined;
  const before = check.errors;
  checkDistinct(check, list, path);
  const names = readItems(list, path, (item, itemPath) => readDomainName(check, item, itemPath));
  if (rule.action === "Deny" || rule.action === "Pass") {
    addError(check, path, {
      code: "domain-names-action",
      message: `A ${rule.action} rule cannot name domains; the API has them for rules that allow only.`,
      help: "Allow the domains that are meant, and deny the rest in a rule below.",
      part: "key",
    });
  } else if (check.errors === before) {
    addWarning(check, path, {
      code: "needs-resolver",
      message: "Domain names need a resolver, and there is none here: this peer matches nothing.",
      help: "What it is to allow counts as not allowed. If the addresses are fixed, name them in networks.",
      part: "key",
    });
  }
  return names;
}

function readDomainName(check: Check, item: unknown, path: FieldPath): string | undefined {
  if (isAbsent(item)) wrongType(check, item, path, "a domain name such as *.example.com");
  const text = readText(check, item, path);
  const fault = text === undefined ? undefined : domainNameFault(text);
  if (fault !== undefined) addError(check, path, { code: "bad-domain-name", ...fault });
  return text;
}
