import type { Engine } from "../../../engine/engine.ts";
import { ALL_PORTS, NO_PORTS, type PortSet, portSetTokens } from "../../../net/port-set.ts";
import { describePortToken } from "../../../policy/describe.ts";
import type { ClusterEnds } from "../cluster-ends.ts";
import type { FirstCase, FirstEnd } from "./first-case.ts";
import { type FirstEnds, firstEnds } from "./first-ends.ts";
import {
  type FirstPeer,
  firstPeers,
  type OutsidePeer,
  type PeerVerdict,
  verdictOf,
  type WorkloadPeer,
} from "./first-peers.ts";

/** Cases that hold now. */
export interface FirstAssertions {
  readonly cases: readonly FirstCase[];
  /** Pairs of workloads, or of a workload and addresses, that no case speaks of, as their pods or families differ. */
  readonly mixed: number;
}

/** What is said of one destination. */
interface Groups {
  /** Who may connect, by what may pass between all their ends. */
  readonly allowed: Map<PortSet, FirstPeer[]>;
  /** Between whose ends something may pass. */
  readonly some: FirstPeer[];
  /** Between whose ends nothing may pass. */
  readonly none: FirstPeer[];
  /** Of whom there is nothing to judge. */
  readonly indifferent: FirstPeer[];
  /** True if anything of `none` was judged. */
  isDenied: boolean;
  mixed: number;
}

/**
 * Cases that say what is allowed in a cluster now: for each workload who reaches it on which ports, and that nobody else
 * does; then who reaches the outside. All of them hold.
 */
export function firstAssertions(engine: Engine, ends: ClusterEnds): FirstAssertions {
  const peers = firstPeers(engine, ends);
  const names = firstEnds(ends, peers);
  const cases: FirstCase[] = [];
  let mixed = 0;
  for (const to of peers) {
    if (to.kind !== "workload") continue;
    const groups = groupsFor(engine, peers, to);
    cases.push(...casesInto(names, to, groups));
    mixed += groups.mixed;
  }
  const workloads = peers.filter((peer) => peer.kind === "workload");
  const outside = new Map<string, { readonly groups: Groups; readonly to: OutsidePeer[] }>();
  for (const to of peers) {
    if (to.kind !== "outside") continue;
    const groups = groupsFor(engine, workloads, to);
    mixed += groups.mixed;
    const key = keyOf(names, groups);
    const same = outside.get(key);
    if (same === undefined) outside.set(key, { groups, to: [to] });
    else same.to.push(to);
  }
  const silent = [...outside.values()].filter(({ groups }) => !isJudged(groups)).flatMap(({ to }) => to);
  for (const { groups, to } of outside.values()) {
    if (isJudged(groups)) cases.push(...casesOut(names, names.of(to, silent), groups));
  }
  return { cases, mixed };
}

function isJudged({ allowed, some, isDenied }: Groups): boolean {
  return allowed.size > 0 || some.length > 0 || isDenied;
}

function groupsFor(engine: Engine, sources: readonly FirstPeer[], to: FirstPeer): Groups {
  const groups: Groups = {
    allowed: new Map(),
    some: [],
    none: [],
    indifferent: [],
    isDenied: false,
    mixed: 0,
  };
  for (const from of sources) put(groups, from, verdictOf(engine, from, to));
  return groups;
}

function put(groups: Groups, from: FirstPeer, { every, some, isJudged, hasStrangers }: PeerVerdict): void {
  if (!isJudged && !hasStrangers) {
    groups.indifferent.push(from);
    return;
  }
  if (some === NO_PORTS) {
    groups.none.push(from);
    groups.isDenied ||= isJudged;
    return;
  }
  groups.some.push(from);
  if (every !== some) groups.mixed++;
  if (every === NO_PORTS) return;
  const group = groups.allowed.get(every);
  if (group === undefined) groups.allowed.set(every, [from]);
  else group.push(from);
}

function casesInto(names: FirstEnds, to: WorkloadPeer, groups: Groups): FirstCase[] {
  const [target] = names.of([to], []) as [FirstEnd];
  const title = titleOf(target);
  const declaresPorts = to.workload.pods.every((pod) => pod.ports.length > 0);
  const cases = [...groups.allowed].map(([ports, sources]): FirstCase => {
    const from = names.of(sources, groups.indifferent);
    const declared = ports === ALL_PORTS && declaresPorts;
    return {
      name: `${listOf(from)} may reach ${title} on ${declared ? "its ports" : portsInWords(ports)}`,
      from,
      to: [target],
      expect: "allow",
      ...(declared ? {} : { ports }),
    };
  });
  if (groups.isDenied) {
    const except = names.of(groups.some, groups.indifferent);
    cases.push({
      name: `nobody ${except.length === 0 ? "may reach" : "else may reach"} ${title}`,
      from: except.length === 0 ? ["anyone"] : [{ anyone: true, except }],
      to: [target],
      expect: "deny",
    });
  }
  return cases;
}

function casesOut(names: FirstEnds, to: readonly FirstEnd[], groups: Groups): FirstCase[] {
  const cases = [...groups.allowed].map(([ports, sources]): FirstCase => {
    const from = names.of(sources, groups.indifferent);
    return {
      name: `${listOf(from)} may reach ${listOf(to)} on ${portsInWords(ports)}`,
      from,
      to,
      expect: "allow",
      ports,
    };
  });
  if (groups.isDenied) {
    const from = names.of(groups.none, groups.indifferent);
    cases.push({ name: `${listOf(from)} may not reach ${listOf(to)}`, from, to, expect: "deny" });
  }
  return cases;
}

/** Equal for destinations of which the same is to be said. */
function keyOf(names: FirstEnds, groups: Groups): string {
  const allowed = [...groups.allowed].map(([ports, sources]) => [ports.key, names.of(sources, [])]);
  return JSON.stringify([
    allowed,
    names.of(groups.none, []),
    names.of(groups.indifferent, []),
    groups.isDenied,
  ]);
}

function portsInWords(ports: PortSet): string {
  return portSetTokens(ports).map(describePortToken).join(", ");
}

/** How many ends a title names. */
const MOST_NAMED = 2;

function listOf(ends: readonly FirstEnd[]): string {
  const names = ends.slice(0, MOST_NAMED).map(titleOf);
  return ends.length > names.length
    ? `${names.join(", ")} and ${ends.length - names.length} more`
    : names.join(", ");
}

function titleOf(end: FirstEnd): string {
  if (typeof end === "string") return end;
  if ("namespace" in end) return `namespace ${end.namespace}`;
  if ("namespaces" in end) return "every pod";
  if ("anyone" in end) return `anyone except ${listOf(end.except)}`;
  return `outside ${end.cidr}${end.except === undefined ? "" : ` except ${listOf(end.except)}`}`;
}
