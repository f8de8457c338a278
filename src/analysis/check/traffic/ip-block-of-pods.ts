import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding, Severity } from "../../../k8s/finding.ts";
import type { FieldEdit } from "../../../k8s/fix.ts";
import { addressBits, formatAddress } from "../../../net/address.ts";
import { type Cidr, cidrStrictlyInside, formatCidr } from "../../../net/cidr.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, findingOf } from "../check.ts";
import { otherPlaces } from "../groups.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import { type BlockInRule, blockPath, blocksInRules, blockText, cidrWithin } from "./address-blocks.ts";
import { type PodAddresses, podAddresses } from "./pod-addresses.ts";

/** An ipBlock matches pods too, by their addresses. */
export const ipBlockOfPods: Check = {
  codes: ["ip-block-of-pods"],
  *run(context) {
    const groups = blocksInRules(context);
    if (groups.length === 0) return;
    const addresses = podAddresses(context.cluster);
    for (const same of groups) {
      const covered = coveredBy(same[0], addresses);
      if (covered !== undefined) yield finding(same, covered);
    }
  },
};

/** Pods and their ranges in a block. */
interface Covered {
  readonly how: "single" | "inside" | "around";
  readonly pods: readonly ClusterPod[];
  readonly ranges: readonly Cidr[];
  readonly areTold: boolean;
}

function coveredBy({ peer }: BlockInRule, { pods, ranges, areTold }: PodAddresses): Covered | undefined {
  const { cidr, except } = peer;
  const met = ranges.filter(
    (range) =>
      (cidrWithin(range, cidr) || cidrWithin(cidr, range)) && !except.some((each) => cidrWithin(range, each)),
  );
  const inside = pods.inside(peer);
  if (met.length === 0 && (inside.length === 0 || !areTold)) return undefined;
  const isSingle = cidr.prefix === addressBits(cidr.family);
  const isInside = met.length > 0 && met.every((range) => cidrWithin(cidr, range));
  return { how: isSingle ? "single" : isInside ? "inside" : "around", pods: inside, ranges: met, areTold };
}

function finding(same: readonly [BlockInRule, ...BlockInRule[]], covered: Covered): Finding {
  const [{ checked, peer, rule }, ...others] = same;
  const { policy } = checked;
  const related = otherPlaces(others, (each) => ({
    position: each.checked.policy.origin.position(blockPath(each.peer)),
    object: describePolicy(each.checked.policy),
    message: `the same block in ${describePolicy(each.checked.policy)}`,
  }));
  const edits = covered.how === "around" ? exceptEdits(same[0], covered.ranges) : [];
  return findingOf("ip-block-of-pods", {
    severity: severityOf(covered),
    position: policy.origin.position(blockPath(peer)),
    object: describePolicy(policy),
    ...wordsOf(same[0], covered),
    ...(related === undefined ? {} : { related }),
    ...(edits.length === 0
      ? {}
      : {
          fix: {
            title: `except ${listOf(covered.ranges.map(formatCidr))}, so that ${rule.direction === "ingress" ? "no pod gets in" : "no pod is reached"} by the block`,
            safe: false,
            edits,
          },
        }),
  });
}

function severityOf({ how, areTold }: Covered): Severity {
  // Whoever writes the block of the pods means pods.
  return areTold && how !== "inside" ? "warning" : "info";
}

function wordsOf({ peer, rule }: BlockInRule, covered: Covered): Pick<Finding, "message" | "help"> {
  const { pods, ranges, areTold, how } = covered;
  const isIngress = rule.direction === "ingress";
  const range = `the pod range ${listOf(ranges.map(formatCidr))}`;
  const where = areTold ? range : `${range} that most clusters have`;
  const today =
    pods.length === 0 ? "no pod today" : `${countOf(pods.length, "pod")} today: ${workloadsOf(pods)}`;
  if (how === "single") {
    const address = formatAddress({ family: peer.cidr.family, value: peer.cidr.first });
    return {
      message:
        areTold && pods.length > 0
          ? `${address} is the address of pod ${pods[0]!.id} today. Pods get other addresses when they are made anew: whoever has it then ${isIngress ? "gets in" : "is reached"}.`
          : `${address} lies in ${where}, where addresses pass from pod to pod: whoever has it ${isIngress ? "gets in" : "is reached"}.`,
      help: "Select the pod by its labels, with podSelector and namespaceSelector.",
    };
  }
  if (how === "inside") {
    return {
      message: `${blockText(peer)} lies in ${where}: the rule ${isIngress ? "lets in" : "lets out to"} whichever pods have these addresses (${areTold ? today : "nobody can tell which"}).`,
      help: "Select the pods by their labels; namespaceSelector: {} is every pod.",
    };
  }
  const takesIn = ranges.length > 0 ? `takes in ${where} too` : "takes in pods of the cluster too";
  return {
    message: `${blockText(peer)} ${takesIn}: the rule ${isIngress ? "lets in every pod" : "lets out to every pod"} that has an address there${areTold ? ` (${today})` : ""}.`,
    help: `If only addresses outside of the cluster were meant, ${ranges.length > 0 ? `put ${listOf(ranges.map(formatCidr))} under except` : "write smaller blocks"}.`,
  };
}

function exceptEdits({ checked, peer }: BlockInRule, ranges: readonly Cidr[]): FieldEdit[] {
  const { origin } = checked.policy;
  const block = [...peer.path, "ipBlock"];
  const values = ranges.filter((range) => cidrStrictlyInside(range, peer.cidr)).map(formatCidr);
  const at = origin.position(peer.except.length > 0 ? [...block, "except"] : block);
  if (values.length === 0 || at.line === 0) return [];
  return peer.except.length > 0
    ? values.map((value) => ({ kind: "add-item", at, value }))
    : [{ kind: "add-field", at, name: "except", value: values }];
}
