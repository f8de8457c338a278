import { readFileSync } from "node:fs";
import type { AgentProcess } from "../../test/agent/harness/agent-process.ts";
import type { Resident, Traffic } from "./memory-result.ts";

/** Of a process, from proc(5). */
export function resident(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
    return (Number(kibibytes) * 1024) / 1e6;
  };
  return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
}

/** What the agent counts, and the interfaces of its network namespace, in which nobody else is. */
export interface TrafficCount {
  /** Up to here: without what it took to ask for it. */
  readonly until: Traffic;
  /** From here on. */
  readonly since: Traffic;
}

export async function trafficOf(agent: AgentProcess): Promise<TrafficCount> {
  const before = interfaceBytes(agent.pid);
  const requests = sumOf(await metricsOf(agent), "podwall_api_requests_total");
  return { until: { ...before, requests }, since: { ...interfaceBytes(agent.pid), requests } };
}

/** Of an agent that has just been started, and has asked for nothing yet. */
export function trafficAtStart({ pid }: AgentProcess): Traffic {
  return { ...interfaceBytes(pid), requests: 0 };
}

export function difference(after: Traffic, before: Traffic): Traffic {
  return mapped(after, (value, name) => value - before[name]);
}

/** As much as would have been in another time, or with other numbers. */
export function scaled(traffic: Traffic, factor: number): Traffic {
  return mapped(traffic, (value) => value * factor);
}

function mapped(traffic: Traffic, change: (value: number, name: keyof Traffic) => number): Traffic {
  return {
    requests: change(traffic.requests, "requests"),
    receivedBytes: change(traffic.receivedBytes, "receivedBytes"),
    sentBytes: change(traffic.sentBytes, "sentBytes"),
  };
}

export async function heapUsed(agent: AgentProcess): Promise<number> {
  return sumOf(await metricsOf(agent), "nodejs_heap_size_used_bytes") / 1e6;
}

async function metricsOf(agent: AgentProcess): Promise<string> {
  const { status, text } = await agent.get("/metrics");
  if (status !== 200) throw new Error(`GET /metrics: ${status} ${text}`);
  return text;
}

/** All samples of a metric. */
function sumOf(metrics: string, name: string): number {
  return metrics
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** The counters of all interfaces of the network namespace of a process, from proc(5). */
function interfaceBytes(pid: number): Omit<Traffic, "requests"> {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of readFileSync(`/proc/${pid}/net/dev`, "utf8").trimEnd().split("\n").slice(2)) {
    const [name = "", counters = ""] = line.split(":");
    if (name.trim() === "lo") continue;
    const values = counters.trim().split(/\s+/).map(Number);
    receivedBytes += values[0]!;
    sentBytes += values[8]!;
  }
  return { receivedBytes, sentBytes };
}
