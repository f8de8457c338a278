// Runs inside the sandbox: the counters of rules, as they are loaded and as packets make them grow.
import { runInSandbox } from "../../lab/sandbox-inner.ts";
import { openRuleCounters } from "../netfilter/rule-counters.ts";
import { openNftables } from "../nftables.ts";
import { createLoopback, sendOne } from "./loopback.ts";

/** More rules than fit into one piece of a dump. */
const MANY = 1000;
const RULES = `
add table inet t
add chain inet t one
add rule inet t one counter packets 7 bytes 9 drop
add chain inet t several
add rule inet t several meta l4proto tcp counter packets 5000000000 bytes 1
add rule inet t several meta l4proto udp accept
add rule inet t several counter packets 1 bytes 1 limit rate 1/second counter packets 2 bytes 1 drop
add chain inet t none
add chain inet t many
${`add rule inet t many meta l4proto { 6, 17 } counter packets 3 bytes 1\n`.repeat(MANY)}
add chain inet t out { type filter hook output priority filter; }
add rule inet t out udp dport 53 counter
add table ip t
add chain ip t one
add rule ip t one counter packets 1000 bytes 1
`;

await runInSandbox(async () => {
  const namespace = createLoopback("loop", ["10.0.0.1"]);
  const counters = openRuleCounters(namespace);
  const noTable = counters.packets("t", "one");
  const nft = openNftables(namespace);
  const applied = await nft.run(RULES);
  if (!applied.ok) throw new Error(applied.errors);
  const loaded = ["one", "several", "none", "many", "gone"].map((chain) => counters.packets("t", chain));
  const before = counters.packets("t", "out");
  for (let i = 0; i < 3; i++) {
    sendOne(namespace, "UDP", ["10.0.0.1", 5000], ["10.0.0.1", 53], Buffer.from("x"));
    sendOne(namespace, "UDP", ["10.0.0.1", 5000], ["10.0.0.1", 54], Buffer.from("x"));
  }
  process.send!({ noTable, loaded, sent: [before, counters.packets("t", "out")] });
  counters.close();
  nft.close();
  return 0;
});
