import { existsSync, writeFileSync } from "node:fs";
import { inNamespace, type Namespace } from "../linux/netns.ts";

/** True if the kernel speaks IPv6 at all (not built without it, not booted with `ipv6.disable=1`). */
export function kernelHasIpv6(): boolean {
  return existsSync("/proc/sys/net/ipv6/conf/all/disable_ipv6");
}

// A new namespace inherits some values of the machine (devconf_inherit_init_net, forwarding), so all that
// matters is set. "default" applies to interfaces that are made later, "all" switches forwarding.
const COMMON: readonly [string, string][] = [
  ["ipv4/conf/all/rp_filter", "0"],
  ["ipv4/conf/default/rp_filter", "0"],
  ["ipv4/conf/all/accept_redirects", "0"],
  ["ipv4/conf/default/send_redirects", "0"],
  ["ipv4/conf/all/send_redirects", "0"],
  ["ipv4/conf/all/accept_local", "0"],
  ["ipv4/icmp_echo_ignore_all", "0"],
  // Every refused probe must see its ICMP error; the limits are made for the open internet.
  ["ipv4/icmp_ratelimit", "0"],
  ["ipv4/icmp_ratemask", "0"],
  ["ipv4/icmp_msgs_per_sec", "1000000"],
  ["ipv4/icmp_msgs_burst", "1000000"],
  ["ipv4/tcp_ecn", "0"],
  ["ipv6/conf/all/disable_ipv6", "0"],
  ["ipv6/conf/default/disable_ipv6", "0"],
  ["ipv6/conf/default/accept_dad", "0"],
  ["ipv6/conf/all/accept_ra", "0"],
  ["ipv6/conf/default/accept_ra", "0"],
  ["ipv6/conf/default/router_solicitations", "0"],
  ["ipv6/conf/default/addr_gen_mode", "1"],
  ["ipv6/icmp/ratelimit", "0"],
  ["ipv6/icmp/ratemask", ""],
];

/** Prepares a fresh namespace: no duplicate-address wait, no ICMP limits, forwarding as asked. */
export function setNamespaceSysctls(namespace: Namespace, forwarding: boolean): void {
  const value = forwarding ? "1" : "0";
  inNamespace(namespace, () => {
    // First: switching forwarding resets other values of the namespace.
    setSysctl("ipv4/ip_forward", value);
    setSysctl("ipv6/conf/all/forwarding", value);
    for (const [name, setting] of COMMON) setSysctl(name, setting);
  });
}

function setSysctl(name: string, value: string): void {
  const path = `/proc/sys/net/${name}`;
  // Which of these exist, and exist per namespace, depends on the kernel's version and options.
  if (existsSync(path)) writeFileSync(path, `${value}\n`);
}
