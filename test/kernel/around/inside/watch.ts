import type { Engine } from "../../../../src/engine/engine.ts";
import type { Lab } from "../../../../src/lab/lab.ts";
import { runInNamespace } from "../../../../src/linux/command.ts";
import { watchNftables } from "../../../../src/linux/netfilter/nftables-events.ts";

/** A table of the watcher's own: if its coming and going is heard, so is everything between. */
const OWN = "ip watcher";

/**
 * Which tables of an endpoint's namespace the kernel says were changed while the lab went from state to state, and by
 * how many transactions each.
 */
export async function watched(
  lab: Lab,
  at: string,
  states: readonly Engine[],
): Promise<Record<string, string>> {
  const { reactor } = lab.network;
  const namespace = lab.network.namespaceOf(at);
  const changes = new Map<string, number>();
  let overrun = false;
  const watch = watchNftables(
    reactor,
    (change) => {
      if (change.overrun) overrun = true;
      else for (const table of change.tables) changes.set(table, (changes.get(table) ?? 0) + 1);
    },
    namespace,
  );
  await runInNamespace(namespace, ["nft", "add", "table", ...OWN.split(" ")], undefined);
  for (const state of states) await lab.update(state);
  await runInNamespace(namespace, ["nft", "delete", "table", ...OWN.split(" ")], undefined);
  while (reactor.turn() > 0);
  watch.close();
  if (overrun || changes.get(OWN) !== 2)
    throw new Error(`not all changes were heard: ${[...changes].join(" ")}`);
  changes.delete(OWN);
  return Object.fromEntries([...changes].map(([table, count]) => [table, String(count)]));
}
