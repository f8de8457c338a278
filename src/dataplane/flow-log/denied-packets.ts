import type { RuleCounters } from "../../linux/netfilter/rule-counters.ts";
import { TABLE } from "../program/program.ts";

/** Packets that a node's kernel denied in either direction since its table was made, logged or not. */
export function deniedPackets(counters: RuleCounters): number {
  const [, table = ""] = TABLE.split(" ");
  return counters.packets(table, "deny_ingress") + counters.packets(table, "deny_egress");
}
