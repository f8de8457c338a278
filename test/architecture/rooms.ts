import { posix } from "node:path";
import type { Import } from "./imports.ts";

/** The rooms that also run in a browser, from the lowest up; each imports only itself and those before it. */
const BROWSER_ROOMS: readonly string[] = ["net", "k8s", "cluster", "policy", "engine", "analysis"];
/** The rooms that need Node, in the same order, after the others. */
const NODE_ROOMS: readonly string[] = [
  "source",
  "linux",
  "dataplane",
  "agent",
  "lab",
  "report",
  "server",
  "cli",
];

/** Every room, each with the other rooms that it may import. */
export const ROOMS: ReadonlyMap<string, ReadonlySet<string>> = allowedImports();

// js-yaml and yaml are plain JavaScript; both have builds for browsers.
const BROWSER_PACKAGES: ReadonlySet<string> = new Set(["js-yaml", "yaml"]);

function allowedImports(): Map<string, Set<string>> {
  const order = [...BROWSER_ROOMS, ...NODE_ROOMS];
  return new Map(order.map((room, index) => [room, new Set(order.slice(0, index))]));
}

/** What is wrong with an import, as one sentence; undefined when nothing is. */
export function importProblem({ file, target }: Import): string | undefined {
  const [room] = file.split("/") as [string];
  // Files directly in src/ are front doors: they pick from any room.
  if (!file.includes("/")) return undefined;
  const allowed = ROOMS.get(room);
  if (allowed === undefined)
    return `src/${file}: ${room} is not a known room; add it to test/architecture/rooms.ts`;
  if (!target.startsWith(".")) return packageProblem(file, room, target);

  const path = posix.join(posix.dirname(file), target);
  // Data files outside of src/, such as package.json, belong to no room.
  if (path.startsWith("../") && path.endsWith(".json")) return undefined;
  const targetRoom = path.split("/")[0]!;
  if (targetRoom === room || allowed.has(targetRoom)) return undefined;
  return `src/${file}: imports ${target}, but ${room} may import only ${[...allowed].join(", ") || "itself"}`;
}

function packageProblem(file: string, room: string, target: string): string | undefined {
  if (!BROWSER_ROOMS.includes(room) || BROWSER_PACKAGES.has(target)) return undefined;
  return `src/${file}: imports ${target}, but ${room} runs in a browser too: only ${[...BROWSER_PACKAGES].join(", ")}`;
}
