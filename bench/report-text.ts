import type { MemoryResult } from "./agent-memory/memory-result.ts";
import { memoryTable, trafficTable } from "./agent-memory/tables.ts";
import type { AuthoringResult } from "./authoring/authoring-result.ts";
import { authoringTable, authoringText } from "./authoring/tables.ts";
import type { EnforcementResult } from "./enforcement/enforcement-result.ts";
import { changeTable, packetTable } from "./enforcement/tables.ts";
import type { LatencyResult } from "./enforcement-latency/latency-result.ts";
import { breakdownTable, clusterText, latencyTable } from "./enforcement-latency/tables.ts";
import { formatNumber, formatQuantity } from "./format.ts";
import { growthChart, growthTable } from "./growth.ts";
import type { BenchResults, Failure, GrowthResult, Machine, NaiveResult, ProfileResult } from "./result.ts";
import { measureTable, statisticsTable, type Table } from "./tables.ts";

/** The results for a terminal. */
export function reportText(results: BenchResults): string {
  const { machine } = results;
  const parts = [
    [
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}`,
      loadText(machine),
      Object.entries(results.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      `${results.command}   ${results.date}`,
    ].join("\n"),
    ...results.profiles.map((profile) => profileText(profile, results.quick)),
    ...results.growth.map(growthText),
    ...results.naive.map(naiveText),
    ...(results.authoring === undefined ? [] : [commandsText(results.authoring, results.quick)]),
    ...(results.enforcement === undefined ? [] : [enforcementText(results.enforcement, results.quick)]),
    ...(results.latency === undefined ? [] : [latencyText(results.latency)]),
    ...(results.agentMemory === undefined ? [] : [memoryText(results.agentMemory)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The load before measuring, with a warning where it spoils the figures. */
export function loadText({ load, cores }: Machine): string {
  const busy = load > cores / 4;
  const warning = busy ? " - BUSY: other programs slow everything down; measure again when it is quiet" : "";
  return `load average before measuring ${load}${warning}`;
}

function profileText(profile: ProfileResult, quick: boolean): string {
  return [
    `${profile.name}: ${profile.title}`,
    sizesText(profile),
    ...failureLines(profile.failures),
    drawTable(statisticsTable(profile)),
    drawTable(measureTable(profile, quick)),
  ].join("\n");
}

export function sizesText({ sizes, totals, manifestMegabytes }: ProfileResult): string {
  const counts: readonly (readonly [number | undefined, string])[] = [
    [sizes?.pods, "pods"],
    [sizes?.namespaces, "namespaces"],
    [sizes?.policies, "policies"],
    [sizes?.nodes, "nodes"],
    [totals?.classes, "pod classes"],
    [totals?.areas, "areas of addresses"],
    [totals?.connectedPodPairs, "connected pod pairs"],
    [manifestMegabytes, "MB of manifests"],
  ];
  return counts
    .flatMap(([count, what]) => (count === undefined ? [] : `${formatNumber(count)} ${what}`))
    .join(", ");
}

function commandsText(authoring: AuthoringResult, quick: boolean): string {
  return [
    "whole commands on the manifests of profile a",
    authoringText(authoring),
    ...failureLines(authoring.failures),
    drawTable(authoringTable(authoring, quick)),
  ].join("\n");
}

function enforcementText(enforcement: EnforcementResult, quick: boolean): string {
  const { facts, packets, changes, failures, leftOut } = enforcement;
  return [
    "enforcement: packets through a node's kernel, and changes until they are in it",
    ...leftOutLines(leftOut),
    ...failureLines(failures),
    ...facts.map(([about, words]) => `  ${about}: ${words}`),
    ...(packets.length === 0 ? [] : [drawTable(packetTable(enforcement, quick))]),
    ...(Object.keys(changes).length === 0 ? [] : [drawTable(changeTable(enforcement, quick))]),
  ].join("\n");
}

function latencyText({ clusters, failures, leftOut }: LatencyResult): string {
  return [
    "latency: from a write to the API until packets obey",
    ...leftOutLines(leftOut),
    ...failureLines(failures),
    ...clusters.flatMap((cluster) => [
      clusterText(cluster),
      ...cluster.facts.map(([about, words]) => `  ${about}: ${words}`),
      drawTable(latencyTable(cluster)),
      drawTable(breakdownTable(cluster)),
    ]),
  ].join("\n");
}

function memoryText(memory: MemoryResult): string {
  return [
    "memory of the agent, and load of the API server",
    ...leftOutLines(memory.leftOut),
    ...failureLines(memory.failures),
    ...(memory.runs.length === 0 ? [] : [drawTable(memoryTable(memory)), drawTable(trafficTable(memory))]),
  ].join("\n");
}

export function leftOutLines(leftOut: readonly Failure[]): string[] {
  return leftOut.map(({ job, reason }) => `LEFT OUT  ${job}: ${reason}`);
}

export function failureLines(failures: readonly Failure[]): string[] {
  return failures.map(({ job, reason }) => `NOT FINISHED  ${job}: ${reason}`);
}

function growthText(growth: GrowthResult): string {
  return [
    `growth: ${growth.title}`,
    ...failureLines(growth.points.flatMap(({ failures }) => failures)),
    drawTable(growthTable(growth)),
    ...growthChart(growth).map((line) => `  ${line}`),
  ].join("\n");
}

function naiveText(result: NaiveResult | Failure): string {
  if ("reason" in result) return failureLines([result]).join("\n");
  const { sizes, naive, engine } = result;
  return [
    `${result.title}: ${sizes.pods} pods, ${sizes.policies} policies, every pair, all ports; ${formatNumber(result.comparedPairs)} answers compared, all equal`,
    `  naive loop ${formatQuantity(naive.median, "ms")}, engine ${formatQuantity(engine.median, "ms")}: ${formatNumber(naive.median / engine.median)} times`,
  ].join("\n");
}

/** Columns padded with blanks; numbers stand to the right. */
export function drawTable({ head, rows }: Table): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join("\n");
}
