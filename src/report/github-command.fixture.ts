// Reads workflow commands back as GitHub's runner does: a name, properties up to the next `::`, and data.
import type { GithubAnnotation } from "./github-command.ts";

/** The annotation that a command makes. Throws for what is no command. */
export function parseGithubCommand(command: string): GithubAnnotation {
  const match = /^::(error|warning|notice) (.*?)::(.*)$/s.exec(command);
  if (match === null) throw new Error(`no workflow command: ${command}`);
  const properties = new Map(
    match[2]!.split(",").map((property) => {
      const at = property.indexOf("=");
      return [property.slice(0, at), unescaped(property.slice(at + 1))] as const;
    }),
  );
  const [file, line, column] = [properties.get("file"), properties.get("line"), properties.get("col")];
  return {
    level: match[1] as GithubAnnotation["level"],
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
    title: properties.get("title")!,
    message: unescaped(match[3]!),
  };
}

/** `%25` last, so that `%250A` is not taken for a line break. */
function unescaped(text: string): string {
  return text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}
