import type { Family } from "./address.ts";

/** One value a family, where there is one. */
export type ByFamily<T> = Readonly<Partial<Record<Family, T>>>;

/**
 * Values by family in an object that has just the room for them: V8 makes room for twenty numbers wherever an object
 * gets one, 200 bytes for each of a hundred thousand pods, but not where JSON has it.
 */
export function byFamily<T>(ipv4: T | undefined, ipv6: T | undefined): ByFamily<T> {
  if (ipv4 === undefined && ipv6 === undefined) return {};
  const shape = ipv6 === undefined ? ONLY_IPV4 : ipv4 === undefined ? ONLY_IPV6 : BOTH;
  const result = JSON.parse(shape) as Partial<Record<Family, T>>;
  if (ipv4 !== undefined) result[4] = ipv4;
  if (ipv6 !== undefined) result[6] = ipv6;
  return result;
}

const ONLY_IPV4 = '{"4":0}';
const ONLY_IPV6 = '{"6":0}';
const BOTH = '{"4":0,"6":0}';
