import type { ClusterPod } from "../../../cluster/cluster.ts";
import { compareNames } from "../../../cluster/names.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { describePolicy, describePortMatch } from "../../../policy/describe.ts";
import type { NamedPortMatch, PodSelection } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { nearName } from "../near-name.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import { declaredPorts, portKey } from "./declared-ports.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";
import { destinations, namesPods, podGroup, podPeers, podsOfAll } from "./pod-groups.ts";

/** A port by name is the number that each destination pod gives to the name: none, or not the same on all of them. */
export const namedPorts: Check = {
  codes: ["named-port-unknown", "named-port-differs"],
  *run(context) {
    const differing: NamedPort[] = [];
    const unknown: UnknownPort[] = [];
    for (const effective of effectiveRules(context)) {
      const { checked, rule } = effective;
      if (rule.ports === "all") continue;
      const names = rule.ports.filter((match) => match.kind === "name");
      if (names.length === 0) continue;
      const selections = destinations(rule, checked.policy.subject);
      let isAnyKnown = false;
      for (const match of names) {
        const port: NamedPort = { ...effective, match, selections, numbers: new Map() };
        for (const selection of selections) addNumbers(context, port, selection);
        if (port.numbers.size > 0) isAnyKnown = true;
        else if (podsOfAll(context, selections).length > 0)
          unknown.push({ ...port, near: nearOf(context, port) });
        if (port.numbers.size > 1) differing.push(port);
      }
      // A number would get there, whatever the names are.
      if (isAnyKnown && names.length === rule.ports.length) yield* deadPeers(context, effective, names);
    }
    const sameName = ({ checked, rule, match, near = "" }: UnknownPort): string =>
      `${checked.source.namespace} ${rule.direction} ${match.protocol} ${match.name} ${near}`;
    for (const same of groupsOf(unknown, sameName)) yield unknownName(context, same);
    for (const same of groupsOf(differing, numbersText)) yield differingNumbers(same);
  },
};

/** A name in a rule, and what it stands for. */
interface NamedPort extends EffectiveRule {
  readonly match: NamedPortMatch;
  readonly selections: readonly PodSelection[];
  /** The pods that give it each number. */
  readonly numbers: Map<number, ClusterPod[]>;
}

interface UnknownPort extends NamedPort {
  /** The name that was probably meant. */
  readonly near: string | undefined;
}

function nearOf(context: CheckContext, { match, selections }: NamedPort): string | undefined {
  const names = new Set<string>();
  for (const { ports } of podsOfAll(context, selections)) {
    for (const { name, protocol } of ports)
      if (name !== undefined && protocol === match.protocol) names.add(name);
  }
  return nearName(match.name, names);
}

function addNumbers(context: CheckContext, { match, numbers }: NamedPort, selection: PodSelection): void {
  for (const [number, pods] of numbersOf(context, match, selection) ?? []) {
    numbers.set(number, [...(numbers.get(number) ?? []), ...pods]);
  }
}

function numbersOf(
  context: CheckContext,
  { protocol, name }: NamedPortMatch,
  selection: PodSelection,
): ReadonlyMap<number, readonly ClusterPod[]> | undefined {
  // NetworkPolicies always have a protocol.
  if (protocol === "any") return undefined;
  return declaredPorts(podGroup(context, selection)).byName.get(portKey(protocol, name));
}

/** A name that none of the pods has, in one policy or several of a namespace. */
function unknownName(context: CheckContext, same: readonly [UnknownPort, ...UnknownPort[]]): Finding {
  const [{ checked, rule, match, near }, ...others] = same;
  const { policy } = checked;
  const selections = same.flatMap((each) => each.selections);
  const pods = podsOfAll(context, selections);
  const related = otherPlaces(others, (each) => ({
    position: each.checked.policy.origin.position([...each.match.path, "port"]),
    object: describePolicy(each.checked.policy),
    message: `the same name in ${describePolicy(each.checked.policy)}`,
  }));
  const declared = pods.flatMap(({ ports }) => ports.filter(({ name }) => name !== undefined));
  const other = declared.find(({ name }) => name === match.name);
  const field = policy.origin.position([...match.path, "port"]);
  const names = [...new Set(declared.map(({ name }) => name!))].sort(compareNames);
  const isNarrow = selections.some(namesPods);
  return findingOf("named-port-unknown", {
    // A rule for a whole namespace may be there for the pods of tomorrow.
    ...(isNarrow || near !== undefined || other !== undefined ? {} : { severity: "info" }),
    position: field,
    object: describePolicy(policy),
    message:
      `${pods.length === 1 ? "The pod" : `None of the ${countOf(pods.length, "pod")}`} that connections of ${others.length === 0 ? "this rule" : "these rules"} ` +
      `arrive at (${workloadsOf(pods)}) has ${pods.length === 1 ? "no" : "a"} ${describePortMatch(match)}: ` +
      `${rule.direction === "ingress" ? "nobody gets in" : "nothing gets out"} by it.`,
    help:
      near !== undefined
        ? `Did you mean ${near}?`
        : other !== undefined
          ? `They have a ${other.protocol} port of that name: write protocol: ${other.protocol}.`
          : names.length > 0
            ? `Their ports are called ${listOf(names)}; a number works too.`
            : `Their containers give no port a name: write the number, or name the port in the pods.`,
    ...(related === undefined ? {} : { related }),
    ...(near === undefined || field.line === 0
      ? {}
      : {
          fix: {
            title: `write ${near} instead of ${match.name}`,
            safe: false,
            edits: same.map((each) => ({
              kind: "set-value",
              at: each.checked.policy.origin.position([...each.match.path, "port"]),
              value: near,
            })),
          },
        }),
  });
}

/** Peers that have none of the names of the rule, while others have. */
function* deadPeers(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  names: readonly NamedPortMatch[],
): Iterable<Finding> {
  if (rule.direction === "ingress") return;
  const { policy } = checked;
  for (const { selection, path } of podPeers(rule)) {
    const { pods } = podGroup(context, selection);
    if (pods.length === 0 || !namesPods(selection)) continue;
    if (names.some((match) => (numbersOf(context, match, selection)?.size ?? 0) > 0)) continue;
    yield findingOf("named-port-unknown", {
      position: policy.origin.position(path),
      object: describePolicy(policy),
      message:
        `Of this peer (${workloadsOf(pods)}, ${countOf(pods.length, "pod")}) no pod has a ` +
        `${listOf(names.map(describePortMatch), 3, "or")}: the rule lets nothing out to it.`,
      help: "Give it a rule of its own, with the ports that it has.",
    });
  }
}

function differingNumbers(same: readonly [NamedPort, ...NamedPort[]]): Finding {
  const [first, ...others] = same;
  const { policy } = first.checked;
  const related = otherPlaces(others, ({ checked, match }) => ({
    position: checked.policy.origin.position([...match.path, "port"]),
    object: describePolicy(checked.policy),
    message: `the same in ${describePolicy(checked.policy)}`,
  }));
  return findingOf("named-port-differs", {
    position: policy.origin.position([...first.match.path, "port"]),
    object: describePolicy(policy),
    message: `${numbersText(first)}: the rule opens each of them.`,
    help: "If not all of them are meant, write the number, or give the others another name in their pods.",
    ...(related === undefined ? {} : { related }),
  });
}

/** `The port named http is TCP 8080 on hub/a and hub/b, 9901 on hub/admin`. */
function numbersText({ match, numbers }: NamedPort): string {
  const parts = [...numbers]
    .sort(([a, podsA], [b, podsB]) => podsB.length - podsA.length || a - b)
    .map(([number, pods]) => `${number} on ${workloadsOf(pods)}`);
  return `The port named ${match.name} is ${match.protocol} ${listOf(parts, 4, parts.length === 2 ? "but" : "and")}`;
}
