import { type ConnectionDiff, connectionDiff } from "../analysis/diff/connection-diff.ts";
import { type DiffPeer, podsOf } from "../analysis/diff/diff-peers.ts";
import { closest } from "../k8s/suggest.ts";
import { parseAddress } from "../net/address.ts";
import { diffGithub } from "../report/diff-github.ts";
import { countChanges, diffJson } from "../report/diff-json.ts";
import { diffMarkdown } from "../report/diff-markdown.ts";
import { diffText } from "../report/diff-text.ts";
import { isUnknown } from "../report/diff-words.ts";
import { type DiffInput, type DiffInputOptions, loadDiffInput } from "./diff-input.ts";
import { EXIT_BAD_INPUT, EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface DiffOptions extends DiffInputOptions {
  readonly output: "text" | "json" | "md" | "github";
  readonly failOnOpen?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly namespace?: string;
}

/** As many reasons as are shown. */
const EXPLAINED: Readonly<Record<DiffOptions["output"], number>> = {
  text: 300,
  md: 1000,
  github: 300,
  json: 100_000,
};

/** `podwall diff OLD NEW`: what a change of manifests opens and closes. */
export async function diffCommand(paths: readonly string[], options: DiffOptions): Promise<number> {
  const isAsked = pairFilter(options);
  const input = await loadDiffInput(paths, options);
  for (const note of input.notes) process.stderr.write(`podwall: ${note}\n`);
  const diff = connectionDiff(input.before, input.after, {
    explained: EXPLAINED[options.output],
    ...(isAsked === undefined ? {} : { isAsked }),
  });
  refuseUnknownNames(diff, options);
  if (input.bothFamilies && diff.changes.some(({ family }) => family !== undefined)) {
    process.stderr.write(
      "podwall: pods without an address are taken to have one of IPv4 and one of IPv6, and the two differ here; --pod-cidr 10.244.0.0/16 takes them to have IPv4 alone\n",
    );
  }
  process.stdout.write(render(diff, input, options.output));
  if (options.failOnOpen !== true) return EXIT_OK;
  return isUnknown(diff) ? EXIT_BAD_INPUT : diff.counts.opens > 0 ? EXIT_NO : EXIT_OK;
}

/** A change takes some 500 bytes of JSON, and V8 ends a text at 512 MB. */
const MOST_JSON_CHANGES = 500_000;

function render(diff: ConnectionDiff, { names }: DiffInput, output: DiffOptions["output"]): string {
  switch (output) {
    case "text":
      return diffText(diff, styleFor(process.stdout));
    case "md":
      return diffMarkdown(diff, names);
    case "github":
      return diffGithub(diff);
    case "json": {
      const changes = countChanges(diff);
      if (changes > MOST_JSON_CHANGES) {
        throw new UsageError(
          `${changes.toLocaleString("en")} pairs change, more than fit into one text; ask for less with --namespace, --from or --to`,
        );
      }
      return `${JSON.stringify(diffJson(diff), undefined, 2)}\n`;
    }
  }
}

function pairFilter({
  from,
  to,
  namespace,
}: DiffOptions): ((source: DiffPeer, destination: DiffPeer) => boolean) | undefined {
  if (from === undefined && to === undefined && namespace === undefined) return undefined;
  return (source, destination) =>
    (from === undefined || isNamed(source, from)) &&
    (to === undefined || isNamed(destination, to)) &&
    (namespace === undefined || isIn(source, namespace) || isIn(destination, namespace));
}

/** A misspelt name would otherwise look like a change that touches nothing. */
function refuseUnknownNames({ peers }: ConnectionDiff, { from, to, namespace }: DiffOptions): void {
  const all = [...peers.workloads, ...peers.outside];
  for (const [option, name] of [
    ["--from", from],
    ["--to", to],
  ] as const) {
    if (name === undefined || all.some((peer) => isNamed(peer, name))) continue;
    const names = all.map((peer) => (peer.kind === "workload" ? `${peer.namespace}/${peer.name}` : peer.id));
    const near = closest(name, names);
    const hint =
      near === undefined
        ? `there are: ${[...new Set(names)].slice(0, 8).join(", ")}`
        : `did you mean ${near}?`;
    throw new UsageError(`${option} ${name}: neither side has it; ${hint}`);
  }
  if (namespace !== undefined && !all.some((peer) => isIn(peer, namespace))) {
    throw new UsageError(`--namespace ${namespace}: no pods there on either side`);
  }
}

/** `namespace/name`, its id, one of its pods, an outside address within it, or `outside`. */
function isNamed(peer: DiffPeer, name: string): boolean {
  if (peer.id === name) return true;
  if (peer.kind === "workload") {
    const states = ["before", "after"] as const;
    return (
      `${peer.namespace}/${peer.name}` === name ||
      states.some((state) => podsOf(peer, state).some(({ id }) => id === name))
    );
  }
  if (name === "outside") return true;
  const address = parseAddress(name);
  return (
    address !== undefined &&
    address.family === peer.family &&
    peer.ranges.some(({ first, last }) => first <= address.value && address.value <= last)
  );
}

function isIn(peer: DiffPeer, namespace: string): boolean {
  return peer.kind === "workload" && peer.namespace === namespace;
}
