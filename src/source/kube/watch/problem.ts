/** Something that went wrong in this process while a cluster was followed. What the server does is in the status. */
export interface FollowProblem {
  /**
   * `listener`: who was told of something threw. `object`: an object was not understood, and what was known of it before
   * stays; policies that are not understood have findings instead.
   */
  readonly code: "listener" | "object";
  /** In words for people. */
  readonly message: string;
  readonly cause?: unknown;
}

/** Calls a listener; what it throws is reported, and never stops who calls. */
export function tell(what: string, call: () => void, onProblem: (problem: FollowProblem) => void): void {
  try {
    call();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    onProblem({
      code: "listener",
      message: `podwall itself failed on ${what}: ${words}. What comes after it is handled; please report it.`,
      cause,
    });
  }
}
