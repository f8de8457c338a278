/**
 * What a pattern of paths matches: `*` is any part of a name, `**` any folders, `?` one letter. A pattern that does not
 * begin at the root may begin in any folder: `legacy/*.yaml` matches `deploy/legacy/db.yaml`.
 */
export function filePattern(pattern: string): (file: string) => boolean {
  const trimmed = pattern.replace(/^\.\//, "").replace(/\/$/, "/**");
  const expression = wildcards(trimmed);
  const matcher = new RegExp(trimmed.startsWith("/") ? `^${expression}$` : `(?:^|/)${expression}$`);
  return (file) => matcher.test(file);
}

/** What a pattern of object names matches, such as `NetworkPolicy shop/*`: `*` is any text. */
export function namePattern(pattern: string): (name: string) => boolean {
  const matcher = new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`);
  return (name) => matcher.test(name);
}

function wildcards(pattern: string): string {
  return pattern
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === "**/") return "(?:.*/)?";
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : escaped(part);
    })
    .join("");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
