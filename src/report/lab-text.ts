import type { MeasuredProbe } from "../lab/lab.ts";
import type { Style } from "./style.ts";

type Mark = "+" | "-" | "x" | "." | "!" | " ";

/**
 * Predicted against measured, one mark a cell: senders down the side, receivers and their ports across. Wide
 * tables are cut into blocks of receivers that fit the width.
 */
export function labTable(probes: readonly MeasuredProbe[], width: number, style: Style): string {
  const senders = unique(probes.map((probe) => probe.from));
  const reached = new Set(probes.map((probe) => probe.to));
  const receivers = unique([...senders, ...reached]).filter((name) => reached.has(name));
  const short = shortNames(unique([...senders, ...receivers]));
  const cells = new Map<string, MeasuredProbe[]>();
  const columns = new Map<string, string[]>();
  for (const probe of probes) {
    const port = portLabel(probe);
    const ports = columns.get(probe.to) ?? [];
    if (!ports.includes(port)) ports.push(port);
    columns.set(probe.to, ports);
    const key = JSON.stringify([probe.from, probe.to, port]);
    cells.set(key, [...(cells.get(key) ?? []), probe]);
  }
  const left = Math.max(...senders.map((name) => short.get(name)!.length)) + 4;
  const blocks: string[] = [];
  for (const block of receiverBlocks(receivers, columns, short, width - left)) {
    const lines = ["", ""];
    for (const receiver of block) {
      const { title, cellWidths } = columnLayout(receiver, columns, short);
      lines[0] += title;
      lines[1] += columns
        .get(receiver)!
        .map((port, i) => port.padEnd(cellWidths[i]!))
        .join("");
    }
    const head = lines.map((line) => `${" ".repeat(left)}${style.bold(line.trimEnd())}`);
    const body = senders.map((sender) => {
      let line = `  ${short.get(sender)!.padEnd(left - 2)}`;
      for (const receiver of block) {
        const { cellWidths } = columnLayout(receiver, columns, short);
        for (const [i, port] of columns.get(receiver)!.entries()) {
          const mark = markOf(cells.get(JSON.stringify([sender, receiver, port])), sender === receiver);
          line += paint(mark, style) + " ".repeat(cellWidths[i]! - 1);
        }
      }
      return line.trimEnd();
    });
    blocks.push([...head, ...body].join("\n"));
  }
  return blocks.join("\n\n");
}

/** The line below the table that says what its marks mean, and whether all cells agree. */
export function labLegend(probes: readonly MeasuredProbe[], style: Style): string {
  const different = differences(probes).length;
  const agreement =
    different === 0
      ? style.green("every cell: predicted = measured")
      : style.red(
          `${different} ${different === 1 ? "probe differs" : "probes differ"} from the prediction (!)`,
        );
  const marks = `${style.green("+")} passed  ${style.red("-")} stopped by policy  ${style.yellow("x")} passed, nobody listens  . itself`;
  return `  ${marks}       ${agreement}`;
}

/** The probes that did not do as the engine said. */
export function differences(probes: readonly MeasuredProbe[]): MeasuredProbe[] {
  return probes.filter((probe) => probe.predicted !== probe.measured);
}

/** One line for each difference. */
export function labDifferences(probes: readonly MeasuredProbe[], style: Style): string {
  const shown = differences(probes)
    .slice(0, 20)
    .map(
      (probe) =>
        `  ${style.red("!")} ${probe.from} -> ${probe.to} (${probe.address}) ${portLabel(probe)}: the engine says ${probe.predicted}, the kernel ${
          probe.measured === "allow" ? "let it pass" : "stopped it"
        }`,
    );
  const rest = differences(probes).length - shown.length;
  return [...shown, ...(rest > 0 ? [`  ... and ${rest} more`] : [])].join("\n");
}

/** `3306` for TCP, `53/udp` for others, `icmp` for a ping. */
export function portLabel(probe: MeasuredProbe): string {
  if (probe.protocol === "ICMP") return "icmp";
  return probe.protocol === "TCP" ? String(probe.port) : `${probe.port}/${probe.protocol.toLowerCase()}`;
}

function markOf(probes: readonly MeasuredProbe[] | undefined, itself: boolean): Mark {
  if (probes === undefined) return itself ? "." : " ";
  if (probes.some((probe) => probe.predicted !== probe.measured)) return "!";
  // Families may differ; the JSON output tells them apart, the table shows what is stopped in one of them.
  if (probes.some((probe) => probe.measured === "deny")) return "-";
  return probes.some((probe) => probe.outcome === "refused") ? "x" : "+";
}

function paint(mark: Mark, style: Style): string {
  switch (mark) {
    case "+":
      return style.green(mark);
    case "-":
      return style.red(mark);
    case "!":
      return style.bold(style.red(mark));
    case "x":
      return style.yellow(mark);
    default:
      return style.dim(mark);
  }
}

function columnLayout(
  receiver: string,
  columns: ReadonlyMap<string, readonly string[]>,
  short: ReadonlyMap<string, string>,
): { title: string; cellWidths: number[] } {
  const ports = columns.get(receiver)!;
  const cellWidths = ports.map((port) => port.length + 2);
  cellWidths[cellWidths.length - 1]! += 2;
  const total = cellWidths.reduce((sum, width) => sum + width, 0);
  const missing = Math.max(0, short.get(receiver)!.length + 2 - total);
  cellWidths[cellWidths.length - 1]! += missing;
  return { title: short.get(receiver)!.padEnd(total + missing), cellWidths };
}

function receiverBlocks(
  receivers: readonly string[],
  columns: ReadonlyMap<string, readonly string[]>,
  short: ReadonlyMap<string, string>,
  width: number,
): string[][] {
  const blocks: string[][] = [];
  let used = 0;
  for (const receiver of receivers) {
    const size = columnLayout(receiver, columns, short).title.length;
    const block = blocks.at(-1);
    if (block === undefined || used + size > width) {
      blocks.push([receiver]);
      used = size;
    } else {
      block.push(receiver);
      used += size;
    }
  }
  return blocks;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** Names without the namespace, where all pods share one. */
function shortNames(names: readonly string[]): Map<string, string> {
  const namespaces = new Set(names.filter((name) => name.includes("/")).map((name) => name.split("/")[0]));
  return new Map(names.map((name) => [name, namespaces.size === 1 ? name.replace(/^.*\//, "") : name]));
}
