import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  pathInWords,
  readMapping,
  readText,
} from "./check.ts";
import type { ClusterPolicyApi } from "./cluster-policy-api.ts";
import { readClusterPolicyPeer } from "./cluster-policy-peer.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { nearestFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import type { ClusterPolicyPeer, Direction } from "./objects.ts";
import { readItems, readLimitedList } from "./policy-list.ts";
import { didYouMean } from "./suggest.ts";
import type { RuleContext } from "./unknown-matcher.ts";

const MAX_NAME_LENGTH = 100;

/** A rule in the words that the kinds share. */
export interface ReadRule<Action extends string, Port> {
  readonly name?: string;
  readonly action: Action;
  readonly peers: readonly ClusterPolicyPeer[];
  readonly ports?: readonly Port[];
}

/** Reads `spec.ingress` or `spec.egress`; undefined if it is absent or no list. Rules with errors may be missing. */
export function readClusterPolicyRules<Action extends string, Port>(
  check: Check,
  value: unknown,
  direction: Direction,
  api: ClusterPolicyApi<Action, Port>,
): readonly ReadRule<Action, Port>[] | undefined {
  const path = ["spec", direction];
  const list = readLimitedList(check, value, path, {
    min: 0,
    max: api.maxItems,
    typeHelp: (v) => rulesHelp(v, direction),
  });
  return list && readItems(list, path, (item, itemPath) => readRule(check, item, itemPath, direction, api));
}

function peersField(direction: Direction): "from" | "to" {
  return direction === "ingress" ? "from" : "to";
}

function rulesHelp(value: unknown, direction: Direction): string {
  const first = isMapping(value) ? Object.keys(value)[0] : undefined;
  return first === undefined
    ? `${direction} is a list of rules: - action: ..., and below it ${peersField(direction)}: ...`
    : `${direction} is a list of rules: put a dash before ${first}, and indent the rest under it.`;
}

function ruleFields<Action extends string, Port>(
  direction: Direction,
  api: ClusterPolicyApi<Action, Port>,
): FieldSet {
  const peers = peersField(direction);
  const other = peers === "from" ? "to" : "from";
  const otherDirection = direction === "ingress" ? "egress" : "ingress";
  const peerHelp = `It belongs into ${peers}: write ${peers}: and put this below it, with a dash.`;
  return {
    name: direction === "ingress" ? "An ingress rule" : "An egress rule",
    fields: ["name", "action", peers, api.portsField],
    elsewhere: {
      [other]: `${other} is of ${otherDirection} rules. Did you mean ${peers}? Otherwise move the rule to ${otherDirection}.`,
      ...Object.fromEntries(
        [...api.peers.fields.egress, "podSelector", "namespaceSelector"].map((field) => [field, peerHelp]),
      ),
      [api.portsField === "ports" ? "protocols" : "ports"]: api.portsHelp,
      port: api.portsHelp,
      ...(api.portsField === "ports" ? { protocol: api.portsHelp } : {}),
      priority: "Rules have no priority; the policy has one, and its rules are judged as they are written.",
    },
  };
}

function readRule<Action extends string, Port>(
  check: Check,
  value: unknown,
  path: FieldPath,
  direction: Direction,
  api: ClusterPolicyApi<Action, Port>,
): ReadRule<Action, Port> | undefined {
  const map = readMapping(
    check,
    value,
    path,
    () => `Write - action: ... and below it ${peersField(direction)}: ...`,
  );
  if (map === undefined) {
    if (isAbsent(value)) {
      addError(check, path, {
        code: "empty-list-item",
        message: `This ${direction} rule is empty.`,
        help: `Write its action and ${peersField(direction)}, or remove the dash.`,
      });
    }
    return undefined;
  }
  checkFields(check, map, path, ruleFields(direction, api));
  const name = readRuleName(check, map.name, [...path, "name"]);
  const action = readAction(check, map.action, [...path, "action"], api);
  const context: RuleContext = { action, direction };
  const peers = readPeers(check, map[peersField(direction)], [...path, peersField(direction)], context, api);
  const ports = readPorts(check, map[api.portsField], [...path, api.portsField], context, api);
  if (peers !== undefined && ports !== undefined) checkNamedPorts(check, peers, ports, path, api);
  if (action === undefined || peers === undefined) return undefined;
  return {
    ...(name === undefined ? {} : { name }),
    action,
    peers,
    ...(ports === undefined ? {} : { ports }),
  };
}

function readRuleName(check: Check, value: unknown, path: FieldPath): string | undefined {
  const name = readText(check, value, path);
  // The API counts characters, not UTF-16 units.
  const { length } = [...(name ?? "")];
  if (length > MAX_NAME_LENGTH) {
    addError(check, path, {
      code: "rule-name-too-long",
      message: `The name of the rule has ${length} characters; the API allows ${MAX_NAME_LENGTH}.`,
      help: "Shorten it, and put the rest into a comment.",
    });
  }
  return name;
}

function readAction<Action extends string, Port>(
  check: Check,
  value: unknown,
  path: FieldPath,
  api: ClusterPolicyApi<Action, Port>,
): Action | undefined {
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: `${pathInWords(path)} is missing.`,
      help: `Say what the rule does: ${api.actions.join(", ")}.`,
      part: "key",
    });
    return undefined;
  }
  const text = readText(check, value, path);
  const action = api.actions.find((known) => known === text);
  if (text !== undefined && action === undefined) {
    addError(check, path, {
      code: "unknown-value",
      message: `${inWords(text)} is no action of a ${api.kind}; there are ${api.actions.join(", ")}.`,
      help: Object.hasOwn(api.otherActions, text) ? api.otherActions[text] : didYouMean(text, api.actions),
      fix: nearestFix(check, path, text, api.actions),
    });
  }
  return action;
}

function readPeers<Action extends string, Port>(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
  api: ClusterPolicyApi<Action, Port>,
): readonly ClusterPolicyPeer[] | undefined {
  const field = peersField(rule.direction);
  const everyone =
    field === "from"
      ? "For every pod of the cluster, write - namespaces: {}."
      : "For every pod of the cluster, write - namespaces: {}; for every address, - networks: [0.0.0.0/0, '::/0'].";
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: `${pathInWords(path)} is missing; every rule of a ${api.kind} says whom it is about.`,
      help: everyone,
      part: "key",
    });
    return undefined;
  }
  const list = readLimitedList(check, value, path, {
    min: 1,
    max: api.maxItems,
    emptyHelp: everyone,
    typeHelp: (v) => listHelp(v, field, "namespaces: ..."),
  });
  return (
    list &&
    readItems(list, path, (item, itemPath) => readClusterPolicyPeer(check, item, itemPath, api.peers, rule))
  );
}

function readPorts<Action extends string, Port>(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
  api: ClusterPolicyApi<Action, Port>,
): readonly Port[] | undefined {
  const field = api.portsField;
  const list = readLimitedList(check, value, path, {
    min: 1,
    max: api.maxItems,
    emptyHelp: `For every protocol and port, leave ${field} out.`,
    typeHelp: (v) => listHelp(v, field, "..."),
  });
  return list && readItems(list, path, (item, itemPath) => api.readPort(check, item, itemPath, rule));
}

function listHelp(value: unknown, field: string, example: string): string {
  const first = isMapping(value) ? Object.keys(value)[0] : undefined;
  if (first === undefined) return `${field} is a list: - ${example}`;
  return `${field} is a list: put a dash before ${first}.`;
}

/** The API refuses names of ports where there is nothing that could have them. */
function checkNamedPorts<Action extends string, Port>(
  check: Check,
  peers: readonly ClusterPolicyPeer[],
  ports: readonly Port[],
  path: FieldPath,
  api: ClusterPolicyApi<Action, Port>,
): void {
  const nameless = (["networks", "nodes", "domainNames"] as const).find((field) =>
    peers.some((peer) => peer[field] !== undefined),
  );
  const named = ports.findIndex(api.isNamedPort);
  if (nameless === undefined || named < 0) return;
  addError(check, [...path, api.portsField, named], {
    code: "named-port-without-pods",
    message: `This rule asks for a named port, and ${nameless} have no port names.`,
    help: `Name the port by its number, or put ${nameless} into a rule of their own.`,
  });
}
