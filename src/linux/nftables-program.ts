import { runInNamespace } from "./command.ts";
import type { Namespace } from "./netns.ts";
import type { Nftables } from "./nftables.ts";

/** nftables through the program `nft`, for systems without the library (musl, static builds). */
export function openNftablesProgram(namespace?: Namespace): Nftables {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new Error("nftables: already closed"));
    const done = last.then(work);
    // The caller of `done` sees its error; the next call must not.
    last = done.catch(() => undefined);
    return done;
  }

  return {
    run: (script) =>
      inTurn(async () => {
        const { code, stdout, stderr } = await runInNamespace(namespace, ["nft", "-f", "-"], script);
        return { ok: code === 0, output: stdout, errors: stderr };
      }),
    listJson: (command) =>
      inTurn(async () => {
        const { code, stdout, stderr } = await runInNamespace(
          namespace,
          ["nft", "--json", "--numeric-protocol", command],
          undefined,
        );
        if (code !== 0) throw new Error(`nft ${command}: ${stderr.trim()}`);
        return stdout;
      }),
    portId: undefined,
    close() {
      closed = true;
    },
  };
}
