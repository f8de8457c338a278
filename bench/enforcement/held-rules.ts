import { createHash } from "node:crypto";

/**
 * What `nft --stateless list table` prints, so that equal rules are equal text: elements, sets and chains in order of
 * what they are, not of their making, and sets named by what they hold, as the names of our own say nothing.
 */
export function canonicalRules(listing: string): string {
  const body = listing.slice(listing.indexOf("{") + 1, listing.lastIndexOf("}"));
  const blocks = body
    .split("\n\t}\n")
    .map((block) => block.trim())
    .filter((block) => block !== "");
  const names = new Map<string, string>();
  const sets: string[] = [];
  for (const block of blocks) {
    const [, name, rest] = /^(?:set|map) (\S+) (\{.*)$/s.exec(block) ?? [];
    if (name === undefined || rest === undefined) continue;
    const contents = sortedElements(rest);
    names.set(name, createHash("sha256").update(contents).digest("hex"));
    sets.push(contents);
  }
  const chains = blocks
    .filter((block) => block.startsWith("chain "))
    .map((block) => block.replaceAll(/@(\w+)/g, (_, name: string) => `@${names.get(name) ?? name}`));
  return [...sets.sort(), ...chains.sort()].join("\n");
}

function sortedElements(block: string): string {
  return block.replaceAll(/elements = \{([^}]*)\}/g, (_, list: string) =>
    list
      .split(",")
      .map((element) => element.trim())
      .sort()
      .join("\n"),
  );
}
