import type { KubeResource } from "../resource.ts";

/** Something that went wrong in this process while a cluster was followed; what the server does wrong is in the status. */
export interface FollowProblem {
  readonly resource: KubeResource;
  /**
   * `listener`: who was told of a change threw. `object`: an object was not understood, and what was known of it before
   * stays; policies that are not understood have findings instead.
   */
  readonly code: "listener" | "object";
  /** In words for people. */
  readonly message: string;
  readonly cause?: unknown;
}

/** Calls a listener; what it throws is reported, and never stops who calls. */
export function tell(
  resource: KubeResource,
  what: string,
  call: () => void,
  onProblem: (problem: FollowProblem) => void,
): void {
  try {
    call();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    onProblem({
      resource,
      code: "listener",
      message: `podwall failed on ${what}: ${words}. What follows is still handled; please report it.`,
      cause,
    });
  }
}
