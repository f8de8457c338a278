import type { BridgeProblem } from "../linux/bridge.ts";

export interface BridgeWatchOptions {
  /** What is wrong with the bridges of the node now. */
  readonly look: () => BridgeProblem | undefined;
  /** It is another problem than before. */
  readonly onProblem: (problem: BridgeProblem) => void;
  readonly onError: (error: unknown) => void;
  readonly everyMillis?: number;
}

/** Whether packets pass by the rules on a bridge: a network plugin may make one with the first pod of the node. */
export interface BridgeWatch {
  readonly problem: BridgeProblem | undefined;
  close(): void;
}

const EVERY_MILLIS = 30_000;

export function startBridgeWatch(options: BridgeWatchOptions): BridgeWatch {
  let problem: BridgeProblem | undefined;
  const look = (): void => {
    try {
      const found = options.look();
      const isNew = found !== undefined && found.message !== problem?.message;
      problem = found;
      if (isNew) options.onProblem(found);
    } catch (error) {
      options.onError(error);
    }
  };
  look();
  const timer = setInterval(look, options.everyMillis ?? EVERY_MILLIS).unref();
  return {
    get problem() {
      return problem;
    },
    close: () => clearInterval(timer),
  };
}
