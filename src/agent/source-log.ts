import type { ResourceStatus, SourceStatus } from "../source/kube/source-status.ts";

export interface SourceLogOptions {
  readonly status: () => SourceStatus | undefined;
  /** A resource cannot be followed now, for a reason that was not told yet. */
  readonly onTrouble: (resource: ResourceStatus) => void;
  /** It can be followed again. */
  readonly onRecovered: (resource: ResourceStatus) => void;
  readonly everyMillis?: number;
}

/** With a full stop, which the API server's own words do not have: more follows. */
export function asSentence(words: string): string {
  return words.endsWith(".") ? words : `${words}.`;
}

const EVERY_MILLIS = 1000;

/** Notices when the API server cannot be followed, and when it can be again, each reason once. Returns what ends it. */
export function startSourceLog(options: SourceLogOptions): () => void {
  const told = new Map<string, string>();
  const look = (): void => {
    for (const resource of options.status()?.resources ?? []) {
      const before = told.get(resource.resource);
      if (resource.state === "waiting" && resource.error !== undefined) {
        if (before === resource.error) continue;
        told.set(resource.resource, resource.error);
        options.onTrouble(resource);
      } else if (before !== undefined && resource.state !== "listing") {
        told.delete(resource.resource);
        options.onRecovered(resource);
      }
    }
  };
  const timer = setInterval(look, options.everyMillis ?? EVERY_MILLIS);
  timer.unref();
  return () => clearInterval(timer);
}
