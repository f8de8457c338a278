import { addressKey, parseAddress } from "../../net/address.ts";
import type { Program } from "../program/program.ts";
import { addressHash } from "./address-hash.ts";
import { addAddress, emptySum, sumKey } from "./address-sum.ts";

/** The names of a program's sets of pods, by their label and the sum of what they hold. */
export function adoptableNames(program: Program | undefined): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name, elements } of program?.sets.values() ?? []) {
    const label = /^(peers|lesser|unaudited|unaudited_lesser)_[0-9a-f]{16}_/.exec(name)?.[1];
    if (label === undefined) continue;
    const sum = emptySum();
    for (const element of elements.keys()) {
      const address = parseAddress(element);
      if (address !== undefined) addAddress(sum, addressHash(addressKey(address)), 1);
    }
    names.set(`${label} ${sumKey(sum)}`, name);
  }
  return names;
}
