import { type Kernel, KernelError } from "../../src/dataplane/kernel.ts";
import { runInNamespace } from "../../src/linux/command.ts";
import type { Namespace } from "../../src/linux/netns.ts";

/** The kernel of a namespace, by way of nft. */
export function nodeKernel(node: Namespace): Kernel {
  return {
    async apply(script) {
      const { code, stderr } = await runInNamespace(node, ["nft", "-f", "-"], script);
      if (code !== 0) throw new KernelError(`nft refused the rules: ${stderr.trim()}`, stderr);
    },
  };
}
