import type { Finding, Severity } from "../k8s/finding.ts";
import type { CheckReport } from "./check-text.ts";
import { type GithubAnnotation, githubCommand } from "./github-command.ts";

const LEVELS: Readonly<Record<Severity, GithubAnnotation["level"]>> = {
  error: "error",
  warning: "warning",
  info: "notice",
};

/** Findings as workflow commands of GitHub Actions, one a line: they show beside the changed lines of a pull request. */
export function checkGithub({ findings }: CheckReport): string {
  return findings.map((finding) => `${commandOf(finding)}\n`).join("");
}

function commandOf({ code, severity, position, object, message, help }: Finding): string {
  const text = object === undefined ? message : `${object}: ${message}`;
  return githubCommand({
    level: LEVELS[severity],
    file: position.file,
    ...(position.line === 0 ? {} : { line: position.line, column: position.column }),
    title: code,
    message: help === undefined ? text : `${text}\n${help}`,
  });
}
