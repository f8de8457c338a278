import type { Reachability } from "../engine/reachability.ts";
import { portSetFromTokens } from "../net/port-set.ts";
import { auditedMapText } from "./audit-text.ts";
import { compareMapConnections, mapConnection } from "./map-json.ts";
import { portsText } from "./map-names.ts";

/**
 * The connections as a Markdown table, for a page or a pull request, and a note about policies in audit mode
 * (`Kind name`).
 */
export function mapMarkdown(reach: Reachability, audited: readonly string[] = []): string {
  const note = auditedMapText(audited);
  return `${connectionTable(reach)}${note === undefined ? "" : `\n${note}\n`}`;
}

function connectionTable(reach: Reachability): string {
  const connections = reach.connections.map(mapConnection).sort(compareMapConnections);
  if (connections.length === 0) return "Nothing may connect to anything.\n";
  const rows = connections.map(({ from, to, ports, family }) => {
    const words = portsText(portSetFromTokens(ports));
    return [code(from), code(to), family === undefined ? words : `${words} (${family} only)`];
  });
  return [["From", "To", "Ports"], ["---", "---", "---"], ...rows]
    .map((row) => `| ${row.join(" | ")} |\n`)
    .join("");
}

/** Names of objects have no backticks; a bar would end the cell. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
