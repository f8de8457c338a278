import type { FlowLogEvent, FlowVerdict } from "../../../dataplane/flow-log/event.ts";

/** What a reader of `/v1/flows` asks for; as a text, why it cannot be had. */
export type FlowFilter = ((event: FlowLogEvent) => boolean) | string;

const VERDICTS: Readonly<Record<string, readonly FlowVerdict[]>> = {
  denied: ["denied", "closed-at-birth"],
  audited: ["audited"],
  allowed: ["allowed"],
};

/**
 * `?denied`, `?audited`, `?allowed`, and several of them; without any, everything. What was not told is always said, since
 * nobody knows what it was.
 */
export function flowFilter(query: URLSearchParams): FlowFilter {
  const wanted = new Set<FlowVerdict>();
  for (const [name, value] of query) {
    const verdicts = Object.hasOwn(VERDICTS, name) ? VERDICTS[name] : undefined;
    if (verdicts === undefined) return `unknown parameter ${name}: use ${names("?", " and ")}`;
    if (value !== "" && value !== "true") return `${name} has no value: write ?${name}`;
    for (const verdict of verdicts) wanted.add(verdict);
  }
  if (wanted.size === 0) return () => true;
  return (event) => event.kind === "suppressed" || wanted.has(event.verdict);
}

function names(before: string, between: string): string {
  return Object.keys(VERDICTS)
    .map((name) => `${before}${name}`)
    .join(between);
}
