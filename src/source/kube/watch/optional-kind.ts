import { contextInWords } from "../connection-error.ts";
import type { KubeContext } from "../context.ts";
import { KubeError } from "../kube-error.ts";
import type { KubeResource } from "../resource.ts";
import type { ObjectSink } from "./object-sink.ts";
import type { ResourceState } from "./resource-state.ts";
import type { Presence } from "./served-kinds.ts";

export interface OptionalKindOptions {
  readonly resource: KubeResource;
  readonly context: KubeContext;
  /** Throws a {@link KubeError} if it cannot be told. */
  readonly presence: () => Promise<Presence>;
  readonly sink: ObjectSink;
  readonly state: ResourceState;
  readonly onListed: () => void;
  /** Waits until it is time to look again. */
  readonly pause: () => Promise<void>;
}

/** A kind that need not be installed. */
export interface OptionalKind {
  /**
   * If a failure came of the kind not being there: says so, gives up its objects, and waits until it is there. False if it
   * came of something else, as far as can be told.
   */
  outlasted(failure: KubeError): Promise<boolean>;
  /** It was read, so it is there. */
  seen(): void;
}

export function createOptionalKind(options: OptionalKindOptions): OptionalKind {
  const { resource, context, sink, state, onListed } = options;
  /** How often in a row a kind that was known has been found to be absent. */
  let absences = 0;

  /** Servers say "forbidden" before "not found": whoever hears "not found" may read it, and it is not there. */
  const presenceAfter = async (failure: KubeError): Promise<Presence> => {
    try {
      return await options.presence();
    } catch (error) {
      const isSilenced = error instanceof KubeError && error.code === "forbidden";
      return isSilenced && failure.code === "not-found" ? "absent" : "served";
    }
  };
  const settle = (presence: Exclude<Presence, "served">): void => {
    if (presence === "absent") {
      state.absent();
      sink.keepOnly(new Set());
    } else {
      // Nobody is helped by waiting for a newer release; what was known in the version that was there before stays.
      state.waiting(unknownVersion(resource, context, presence.otherVersions));
    }
    onListed();
  };

  return {
    async outlasted(failure) {
      if (failure.code !== "not-found" && failure.code !== "forbidden") return false;
      let presence = await presenceAfter(failure);
      if (presence === "served") return false;
      absences++;
      // A server that has just started may not know yet who may do what, nor its kinds. So what is in force is not given up for
      // one answer, and nobody who starts with it believes that there is nothing to enforce.
      const isDoubtful = state.objects() > 0 || failure.code === "forbidden";
      if (isDoubtful && absences < 2) return false;
      let settled: string | undefined;
      while (presence !== "served") {
        if (inText(presence) !== settled) settle(presence);
        settled = inText(presence);
        await options.pause();
        // Where it cannot be told, it is tried to read it.
        presence = await options.presence().catch((): Presence => "served");
      }
      return true;
    },
    seen() {
      absences = 0;
    },
  };
}

function inText(presence: Exclude<Presence, "served">): string {
  return presence === "absent" ? presence : presence.otherVersions.join();
}

function unknownVersion(
  { kind, group, version }: KubeResource,
  context: KubeContext,
  versions: readonly string[],
): KubeError {
  return new KubeError(
    "not-found",
    `The cluster of ${contextInWords(context)} serves ${kind} of ${group} as ${versions.join(", ")}; podwall knows ${version} only, and cannot read them: what they deny is not enforced.`,
    "Use a newer podwall, if there is one, or serve the version that it knows as well.",
  );
}
