import type { FieldEdit } from "../../../k8s/fix.ts";
import { type Address, addressBits, formatAddress } from "../../../net/address.ts";
import { cidrOf, formatCidr } from "../../../net/cidr.ts";
import type { AddressPeer } from "../../../policy/policy.ts";
import type { CheckedPolicy } from "../check.ts";

/** The edit that leaves an address out of an ipBlock. None for a block of that address alone, or without a text. */
export function addExcept(
  { source, policy }: CheckedPolicy,
  peer: AddressPeer,
  address: Address,
): FieldEdit[] {
  const bits = addressBits(address.family);
  // Only NetworkPolicies have exceptions.
  if (source.kind !== "NetworkPolicy" || peer.cidr.prefix === bits) return [];
  const block = peer.path.concat("ipBlock");
  const at = policy.origin.position(peer.except.length > 0 ? block.concat("except") : block);
  if (at.line === 0) return [];
  const value = formatCidr(cidrOf(address, bits));
  return peer.except.length > 0
    ? [{ kind: "add-item", at, value }]
    : [{ kind: "add-field", at, name: "except", value: [value] }];
}

/** The address as a block, as `except` wants it: `169.254.169.254/32`. */
export function exceptText(address: Address): string {
  return `${formatAddress(address)}/${addressBits(address.family)}`;
}
