import type { Finding } from "../k8s/finding.ts";
import { findingsText } from "../report/findings-text.ts";
import { FORBIDDEN } from "../source/kube/forbidden.ts";
import { type InputOptions, NEVER_GO_ON } from "./input.ts";
import type { ReadSide } from "./read-side.ts";
import { styleFor } from "./terminal.ts";
import { BadInput } from "./usage-error.ts";

/** What a cluster does not tell, and the answer depends on. */
const UNREAD_IN_CLUSTER: ReadonlySet<string> = new Set([FORBIDDEN, "unsupported-version"]);

/**
 * Prints what is wrong with a side. Its warnings that `other` has too are left to it. Throws {@link BadInput} if there
 * are errors, unless `--keep-going` is given and every broken policy can be closed.
 */
export function reportSide(
  side: ReadSide,
  findings: readonly Finding[],
  other: readonly Finding[],
  options: InputOptions,
): void {
  const told = new Set(other.map(contentKey));
  const shown = findings.filter(
    (finding) =>
      finding.severity === "error" || (finding.severity === "warning" && !told.has(contentKey(finding))),
  );
  if (shown.length > 0) process.stderr.write(`${findingsText(shown, styleFor(process.stderr))}\n`);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const files = new Set(errors.map(({ position }) => position.file)).size;
  const count = `${side.name}: ${errors.length} ${errors.length === 1 ? "error" : "errors"} in ${files} ${files === 1 ? "file" : "files"}`;
  const fatal = errors.find(({ code }) => NEVER_GO_ON.has(code) || UNREAD_IN_CLUSTER.has(code));
  if (fatal !== undefined) {
    throw new BadInput(
      options.keepGoing === true
        ? `${count}; --keep-going cannot help: ${fatal.code} leaves unknown what policies close`
        : `${count}; nothing was compared`,
    );
  }
  if (options.keepGoing !== true) {
    const isPart = errors.some(({ code }) => code === "only-some-namespaces");
    throw new BadInput(
      `${count}; nothing was compared (use --keep-going to ${
        isPart ? "go on with what could be read" : "treat the pods of broken policies as closed"
      })`,
    );
  }
  process.stderr.write(`podwall: ${count}; going on: the pods of broken policies count as closed\n`);
}

/** The same on both sides, wherever it is written. */
function contentKey({ code, object, message }: Finding): string {
  return `${code} ${object ?? ""} ${message}`;
}
