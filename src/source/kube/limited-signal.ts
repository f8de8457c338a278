/** A signal that is aborted with another one, or when a time is over. */
export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** True if the time is over. */
  isOver(): boolean;
  /** From now on it is aborted with the other one only. */
  setUnlimited(): void;
  /** To be called when nobody needs it any more. */
  release(): void;
}

/**
 * As `AbortSignal.any` with `AbortSignal.timeout`, which Node 20 does not forget again where `outer` lives on: an agent
 * makes such signals for weeks from one that ends with it.
 */
export function limitedSignal(outer: AbortSignal | undefined, millis: number): LimitedSignal {
  const controller = new AbortController();
  let isOver = false;
  const abort = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort(new DOMException(`nothing for ${millis} ms`, "TimeoutError"));
  }, millis);
  if (outer?.aborted === true) abort();
  else outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    setUnlimited: () => clearTimeout(timer),
    release() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}
