import { type Address, addressBits } from "../net/address.ts";
import type { Cidr } from "../net/cidr.ts";

/** Hands out the free addresses of a block, lowest first. */
export interface AddressPool {
  /** The next free address, or undefined when none is left. */
  next(): Address | undefined;
}

/** A pool over `cidr` that never hands out an address for which `isTaken` is true, nor one twice. */
export function addressPool(cidr: Cidr, isTaken: (address: Address) => boolean): AddressPool {
  // The first address of a block names the network and, in IPv4, the last is its broadcast address.
  const small = addressBits(cidr.family) - cidr.prefix < 2;
  let value = small ? cidr.first : cidr.first + 1n;
  const last = small || cidr.family === 6 ? cidr.last : cidr.last - 1n;
  return {
    next: () => {
      while (value <= last) {
        const address: Address = { family: cidr.family, value: value++ };
        if (!isTaken(address)) return address;
      }
      return undefined;
    },
  };
}
