import type { Cluster } from "../cluster/cluster.ts";
import type { Explanation } from "../engine/explain.ts";
import { auditedPacketText } from "./audit-text.ts";
import { remedy } from "./explain-remedy.ts";
import { sideLines } from "./explain-side-text.ts";
import { endId, familiesDiffer, leadingExplanation, trafficText } from "./explain-words.ts";
import type { Style } from "./style.ts";

/**
 * Why a packet passes or not, for a person: the verdict, both sides, and the way out if it is denied. Takes one
 * explanation a family, and shows one if they agree. With the cluster, labels of namespaces are told too. Ends
 * with a line break. Throws a RangeError on no explanation.
 */
export function explainText(explanations: readonly Explanation[], style: Style, cluster?: Cluster): string {
  if (!familiesDiffer(explanations)) {
    return explanationText(leadingExplanation(explanations), "", style, cluster);
  }
  return explanations
    .map((explanation) => explanationText(explanation, `IPv${explanation.family}`, style, cluster))
    .join("\n");
}

function explanationText(
  explanation: Explanation,
  mark: string,
  style: Style,
  cluster: Cluster | undefined,
): string {
  const { from, to, family, traffic, allowed, noAddress, egress, ingress } = explanation;
  const verdict = allowed ? style.green(style.bold("ALLOWED")) : style.red(style.bold("DENIED "));
  const head = [
    verdict,
    `${style.bold(endId(from))}  ->  ${style.bold(endId(to))}`,
    trafficText(traffic),
    mark,
  ];
  const lines = [head.filter((part) => part !== "").join("  "), ""];
  if (noAddress !== undefined) {
    const end = endId(noAddress === "from" ? from : to);
    lines.push(`  ${end} has no IPv${family} address, so there is no such connection.`, "");
    return lines.join("\n");
  }
  const titles = [`leaves ${endId(from)}`, `enters ${endId(to)}`] as const;
  const width = Math.max(24, titles[0].length + 2, titles[1].length + 2);
  for (const [title, side] of [
    [titles[0], egress],
    [titles[1], ingress],
  ] as const) {
    sideLines(explanation, side, style, cluster).forEach((line, index) => {
      lines.push(`  ${(index === 0 ? title : "").padEnd(width)} ${line}`);
    });
  }
  lines.push("");
  if (explanation.audited !== undefined) lines.push(`  ${auditedPacketText(explanation.audited)}`, "");
  const remedies = [egress, ingress]
    .map((side) => remedy(explanation, side, cluster))
    .filter((text) => text !== undefined);
  if (remedies.length === 1) lines.push(`  ${remedies[0]}`, "");
  if (remedies.length > 1) {
    lines.push("  Both sides stop it, so both need a change.");
    lines.push(`  To leave: ${remedies[0]}`, `  To enter: ${remedies[1]}`, "");
  }
  return lines.join("\n");
}
