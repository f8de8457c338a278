import type { Finding } from "../../../k8s/finding.ts";
import { type Address, addressBits, formatAddress } from "../../../net/address.ts";
import { formatCidr } from "../../../net/cidr.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { AddressPeer } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { listOf } from "../words.ts";
import { addExcept, exceptText } from "./add-except.ts";
import {
  type EgressRule,
  egressRules,
  placeOfPeer,
  reaches,
  selectsEveryPod,
  subjectText,
} from "./egress-rules.ts";
import { METADATA_ADDRESSES, METADATA_PORT, peerCovering } from "./notable-addresses.ts";

/**
 * A block that covers the metadata address of clouds, where whoever connects is given the credentials of the node. Told
 * for each rule. Rules without a block, and those for every pod of a namespace that let out to everywhere, are told by
 * `egress-anywhere`.
 */
export const metadataAddress: Check = {
  codes: ["metadata-address"],
  *run(context) {
    for (const rule of egressRules(context)) {
      const covering = coveringMetadata(context, rule);
      if (covering.length > 0 && !isTooWideForAll(rule, covering)) yield finding(rule, covering);
    }
  },
};

/** A metadata address, and the block of a rule by which pods reach it. */
export interface CoveringBlock {
  readonly address: Address;
  readonly peer: AddressPeer;
}

/** The blocks by which a rule lets its pods out to the metadata service: the verdict after all policies. */
export function coveringMetadata({ engine }: CheckContext, rule: EgressRule): CoveringBlock[] {
  return METADATA_ADDRESSES.flatMap((address): CoveringBlock[] => {
    const peer = peerCovering(rule.rule, address);
    if (peer === undefined || peer === "everyone" || peer.kind !== "addresses") return [];
    return reaches(engine, rule, address, METADATA_PORT) ? [{ address, peer }] : [];
  });
}

/** True for a rule of which `egress-anywhere` tells: it opens a whole namespace to everywhere, nobody in particular. */
export function isTooWideForAll({ checked }: EgressRule, covering: readonly CoveringBlock[]): boolean {
  return (
    selectsEveryPod(checked.policy) &&
    covering.every(({ peer }) => peer.cidr.prefix === 0 && peer.except.length === 0)
  );
}

function finding(egress: EgressRule, covering: readonly CoveringBlock[]): Finding {
  const { checked, rule } = egress;
  const addresses = listOf(covering.map(({ address }) => formatAddress(address)));
  const [{ peer }] = covering as [CoveringBlock];
  const blocks = [...new Set(covering.map((each) => formatCidr(each.peer.cidr)))];
  const edits = covering.flatMap((each) => addExcept(checked, each.peer, each.address));
  const named = covering.every(isNamed);
  return findingOf("metadata-address", {
    ...(isProbablyUnmeant(covering) ? {} : { severity: "info" }),
    position: placeOfPeer(checked, rule, peer),
    object: describePolicy(checked.policy),
    message:
      `This rule lets ${subjectText(egress)} out to the cloud's metadata service at ${addresses}, which may give ` +
      `them the credentials of their node${named ? "" : `: ${listOf(blocks)} covers it`}.`,
    help: helpOf(checked.source.kind, covering),
    ...(edits.length < covering.length || named
      ? {}
      : { fix: { title: `except ${addresses} from the block`, safe: false, edits } }),
  });
}

/** The address by itself is there on purpose, and only one cloud has one of IPv6. */
function isProbablyUnmeant(covering: readonly CoveringBlock[]): boolean {
  return covering.some((each) => each.address.family === 4 && !isNamed(each));
}

/** True for a block of little more than the address. */
function isNamed({ address, peer }: CoveringBlock): boolean {
  return peer.cidr.prefix >= addressBits(address.family) - 2;
}

function helpOf(kind: string, covering: readonly CoveringBlock[]): string {
  const blocks = listOf(covering.map(({ address }) => exceptText(address)));
  if (covering.every(isNamed)) return "If these pods have no business there, remove the block.";
  return kind === "NetworkPolicy"
    ? `If these pods have no business there, add except: [${blocks}] to the ipBlock.`
    : `If these pods have no business there, put a Deny rule for ${blocks} before this one.`;
}
