import { spawn } from "node:child_process";
import type { Engine } from "../../../../src/engine/engine.ts";
import type { Lab } from "../../../../src/lab/lab.ts";
import { runInNamespace } from "../../../../src/linux/command.ts";
import { inNamespace } from "../../../../src/linux/netns.ts";
import { findProgram } from "../../../../src/linux/programs.ts";

/**
 * What `nft monitor` tells of an endpoint's namespace while the lab goes from state to state. A table of the watcher's
 * own, which comes before and goes after, tells that it is listening and that it has heard all.
 */
export async function watched(
  lab: Lab,
  at: string,
  states: readonly Engine[],
): Promise<Record<string, string>> {
  const namespace = lab.network.namespaceOf(at);
  const child = inNamespace(namespace, () => spawn(findProgram("nft")!, ["monitor"], { stdio: "pipe" }));
  let heard = "";
  let look = (): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    heard += part;
    look();
  });
  const hearing = (part: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (heard.includes(part)) resolve();
      };
      look();
    });
  const nft = async (...command: string[]): Promise<void> => {
    const { code, stderr } = await runInNamespace(namespace, ["nft", ...command], undefined);
    if (code !== 0) throw new Error(`nft ${command.join(" ")}: ${stderr}`);
  };
  try {
    const listening = hearing("table ip watcher");
    let isListening = false;
    void listening.then(() => {
      isListening = true;
    });
    while (!isListening) {
      await nft("add", "table", "ip", "watcher");
      await nft("delete", "table", "ip", "watcher");
    }
    for (const state of states) await lab.update(state);
    await nft("add", "table", "ip", "watched");
    await hearing("table ip watched");
  } finally {
    child.kill();
  }
  await nft("delete", "table", "ip", "watched");
  return { events: heard };
}
