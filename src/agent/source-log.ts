import type { ResourceStatus, SourceStatus } from "../source/kube/source-status.ts";

export interface SourceLogOptions {
  readonly status: () => SourceStatus | undefined;
  /** Resources that cannot be followed now, all for one reason that was not told of them yet. */
  readonly onTrouble: (resources: readonly string[], error: string, help: string | undefined) => void;
  /** They can be followed again. */
  readonly onRecovered: (resources: readonly string[]) => void;
  readonly everyMillis?: number;
}

const EVERY_MILLIS = 1000;

/**
 * Notices when the API server cannot be followed, and when it can be again, each reason once: a server that is gone is
 * gone for all resources. Returns what ends it.
 */
export function startSourceLog(options: SourceLogOptions): () => void {
  const told = new Map<string, string>();
  const look = (): void => {
    const troubles = new Map<string, ResourceStatus[]>();
    const recovered: string[] = [];
    for (const status of options.status()?.resources ?? []) {
      const { resource, state, error } = status;
      const before = told.get(resource);
      if (state === "waiting" && error !== undefined) {
        if (before === error) continue;
        told.set(resource, error);
        troubles.set(error, [...(troubles.get(error) ?? []), status]);
      } else if (before !== undefined && state !== "listing") {
        told.delete(resource);
        recovered.push(resource);
      }
    }
    if (recovered.length > 0) options.onRecovered(recovered);
    for (const [error, statuses] of troubles) {
      options.onTrouble(
        statuses.map(({ resource }) => resource),
        error,
        statuses[0]!.help,
      );
    }
  };
  const timer = setInterval(look, options.everyMillis ?? EVERY_MILLIS);
  timer.unref();
  return () => clearInterval(timer);
}
