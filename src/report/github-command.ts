/** What a workflow command of GitHub Actions says of a place in the repository. */
export interface GithubAnnotation {
  readonly level: "error" | "warning" | "notice";
  /** Relative to the root of the repository; left out where it is about no file. */
  readonly file?: string;
  /** Both from 1; left out where it is about the whole file. */
  readonly line?: number;
  readonly column?: number;
  readonly title: string;
  readonly message: string;
}

/** The command, one line, that makes the runner show the annotation ("Workflow commands for GitHub Actions"). */
export function githubCommand({ level, file, line, column, title, message }: GithubAnnotation): string {
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${level} ${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
