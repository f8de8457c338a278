import { createHash } from "node:crypto";

/** A policy as its events name it. */
export interface EventPolicy {
  /** `networking.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for a policy of the whole cluster. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  /** Grows when the spec changes: what is told of another spec is another event. */
  readonly generation?: number;
}

/**
 * Reasons of our events; for programs, so they stay. `PolicyNotUnderstood`: the pods that it selects are closed.
 * `PolicyNotEnforced`: nft refused it. `PolicyEnforced`: all is well again.
 */
export type EventReason = "PolicyNotUnderstood" | "PolicyNotEnforced" | "PolicyEnforced";

/** core/v1 Event, with what we fill in of it before it is posted. */
export interface KubernetesEvent {
  readonly apiVersion: "v1";
  readonly kind: "Event";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly involvedObject: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  readonly message: string;
  readonly source: { readonly component: string; readonly host: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly count: 1;
}

/** An event as it is posted. */
export interface PostedEvent extends KubernetesEvent {
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

/** Of events.k8s.io; the core API takes more, but whoever lists them in the new form does not expect it. */
const MOST_MESSAGE = 1024;
/** RFC 1123, of names of objects. */
const MOST_NAME = 253;
const COMPONENT = "podwall";

/**
 * The event that tells something of a policy. Its name follows from what it says, so that a thousand nodes that say the same
 * make one event.
 */
export function eventObject(
  policy: EventPolicy,
  reason: EventReason,
  message: string,
  node: string,
): KubernetesEvent {
  const { apiVersion, kind, namespace, name, uid, generation } = policy;
  const short = shortened(message);
  const hash = createHash("sha256")
    .update(JSON.stringify([uid, generation, reason, short]))
    .digest("hex")
    .slice(0, 16);
  // A name may not end a part with a dash or a dot.
  const start = name.slice(0, MOST_NAME - 1 - hash.length).replace(/[-.]+$/, "");
  return {
    apiVersion: "v1",
    kind: "Event",
    // An event about something of the whole cluster belongs into `default`; the API server takes it nowhere else.
    metadata: { name: `${start}.${hash}`, namespace: namespace ?? "default" },
    involvedObject: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid },
    type: reason === "PolicyEnforced" ? "Normal" : "Warning",
    reason,
    message: short,
    source: { component: COMPONENT, host: node },
    reportingComponent: COMPONENT,
    reportingInstance: node,
    count: 1,
  };
}

/** The event, as of a time in milliseconds since 1970. */
export function posted(event: KubernetesEvent, at: number): PostedEvent {
  // meta/v1 Time has whole seconds.
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  return { ...event, firstTimestamp: time, lastTimestamp: time };
}

/** The API server counts bytes of UTF-8. */
function shortened(message: string): string {
  if (Buffer.byteLength(message) <= MOST_MESSAGE) return message;
  const end = " ... (podwall status tells all of it)";
  const bytes = Buffer.from(message).subarray(0, MOST_MESSAGE - Buffer.byteLength(end));
  // A character that was cut through is no character.
  return `${bytes.toString("utf8").replace(/\uFFFD+$/, "")}${end}`;
}
