import { createNetwork } from "../network.ts";
import { runInSandbox } from "../sandbox-inner.ts";
import { TOPOLOGY } from "./cluster.ts";

/** Runs in the sandbox: a lab with rules and a child process in a node, until it is told to end; exits with 42. */
await runInSandbox(async (signal) => {
  const network = await createNetwork(TOPOLOGY);
  const loaded = await network.runInNode("alpha", ["nft", "add", "table", "inet", "podwall-lab-test"]);
  if (loaded.code !== 0) throw new Error(loaded.stderr);
  // A process that only the end of the sandbox ends, which runInNode reports as its failure.
  network.runInNode("alpha", ["sleep", "600"]).catch((error: Error) => console.error(error.message));
  process.send!({ pods: network.podNamespaces() });
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await network.close();
  return 42;
});
