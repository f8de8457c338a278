import type { ContainerPort, Labels } from "./objects.ts";

/** How many texts and label objects are remembered; then all are forgotten, so that a long run does not pile them up. */
const MOST = 20_000;

const texts = new Map<string, string>();
const labelObjects = new Map<string, Labels>();
const portLists = new Map<string, readonly ContainerPort[]>();

/**
 * The same text, as the one string that all who have it share, as long as it is remembered. It is a string of its own: V8
 * makes the parts of a long text refer to that, and one name would keep a whole file in memory.
 */
export function intern(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const own = copyOf(text);
  if (texts.size >= MOST) texts.clear();
  texts.set(own, own);
  return own;
}

/** A string with the same characters that refers to no other string. */
export function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** The same labels, as one frozen object for all who have them in the same order. */
export function internLabels(labels: Labels): Labels {
  const id = JSON.stringify(labels);
  const known = labelObjects.get(id);
  if (known !== undefined) return known;
  if (labelObjects.size >= MOST) labelObjects.clear();
  Object.freeze(labels);
  labelObjects.set(copyOf(id), labels);
  return labels;
}

const NO_PORTS: readonly ContainerPort[] = Object.freeze([]);

/** The same ports in the same order, as one frozen list. */
export function internPorts(ports: readonly ContainerPort[]): readonly ContainerPort[] {
  if (ports.length === 0) return NO_PORTS;
  let id = "";
  for (const { name, port, protocol } of ports) id += `${name ?? ""}:${protocol}:${port},`;
  const known = portLists.get(id);
  if (known !== undefined) return known;
  if (portLists.size >= MOST) portLists.clear();
  Object.freeze(ports);
  portLists.set(id, ports);
  return ports;
}
