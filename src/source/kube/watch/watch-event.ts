import { isMapping } from "../../../k8s/check.ts";

/** An event of a watch, as it comes over the wire. */
export type WatchEvent =
  | {
      readonly type: "ADDED" | "MODIFIED" | "DELETED";
      readonly object: RawObject;
      readonly resourceVersion: string;
    }
  /** Nothing happened up to this version. `endsList`: all objects that there were have been sent as ADDED. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly endsList: boolean }
  /** The watch is over. `code` is as in HTTP. */
  | {
      readonly type: "ERROR";
      readonly code: number;
      readonly message: string;
      /** Seconds. */
      readonly retryAfter?: number;
    };

export type RawObject = Readonly<Record<string, unknown>>;

/** Marks the bookmark after which a watch that began with all objects goes on with changes. */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** Reads a line of a watch; undefined if it is no event, as where the line was cut. */
export function readWatchEvent(line: string): WatchEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isMapping(value) || !isMapping(value.object)) return undefined;
  const { type, object } = value;
  if (type === "ERROR") return errorEvent(object);
  const metadata = isMapping(object.metadata) ? object.metadata : {};
  const { resourceVersion, name, annotations } = metadata;
  if (typeof resourceVersion !== "string" || resourceVersion === "") return undefined;
  switch (type) {
    case "BOOKMARK": {
      const endsList = isMapping(annotations) && annotations[INITIAL_EVENTS_END] === "true";
      return { type, resourceVersion, endsList };
    }
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return typeof name === "string" ? { type, object, resourceVersion } : undefined;
    default:
      return undefined;
  }
}

/** The object of an error is a meta/v1 Status. */
function errorEvent({ code, message, details }: RawObject): WatchEvent {
  const seconds = isMapping(details) ? details.retryAfterSeconds : undefined;
  return {
    type: "ERROR",
    code: typeof code === "number" ? code : 500,
    message: typeof message === "string" && message !== "" ? message : "(no words)",
    ...(typeof seconds === "number" ? { retryAfter: seconds } : {}),
  };
}
