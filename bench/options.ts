import { parseArgs } from "node:util";

export interface Options {
  /** Names of profiles, and `growth`. */
  readonly profiles: readonly string[];
  /** Measure what the kernel does with packets and changes. */
  readonly enforcement: boolean;
  /** Measure from writes to the API until packets obey. */
  readonly latency: boolean;
  /** Measure the commands of those who write policies. */
  readonly authoring: boolean;
  /** Measure the memory of agents. */
  readonly agentMemory: boolean;
  /** Of each kind of change whose latency is measured. */
  readonly samples: number;
  readonly quick: boolean;
  readonly json: string;
  readonly markdown: string | undefined;
  /** Files with results to be rendered instead of measuring; none: measure. */
  readonly from: readonly string[];
  /** Seconds that one child process may take. */
  readonly timeout: number;
  readonly help: boolean;
}

export const SELECTABLE: readonly string[] = ["a", "b", "c", "d", "growth"];

export const HELP = `Usage: npm run bench -- [options]

Measures loading, compiling, deciding, asking and changing on generated clusters, each in a process of its own, and
compares with a naive loop over all pairs of pods.

Options:
  --profile <names>    any of a,b,c,d,growth, joined by commas (default: all)
                         a       the size and shape of a published real cluster: 5,413 pods, 13,678 policies
                         b       100,000 pods, 10,000 policies of the kinds that people write
                         c       adversarial: no two pods alike, every policy with CIDRs of its own
                         d       as c, smaller, with peers that overlap in every way and named ports that differ
                         growth  ten times the pods, ten times the policies, in steps
  --enforcement        packets through a node with policies beside one without, and changes until they are in the
                       kernel; in namespaces of its own, needs root and a C compiler
  --latency            from a write to the API of a real API server until packets obey; needs a C compiler and the
                       programs that node scripts/apiserver.mjs builds
  --authoring          podwall check and podwall diff as a whole, on the manifests of profile a
  --agent-memory       memory of agents, and what they ask of the API server, at 20,000 and 100,000 pods; needs the same
                       programs, and takes some twenty minutes
                       With some of these options, only what they name is measured; without any, everything is but
                       the memory of agents
  --samples <number>   of each kind of change whose latency is measured (default: 200)
  --quick              a tenth of the size and few repetitions: to see that it works; goals are not judged
  --json <file>        where the results go (default: bench-results.json)
  --markdown <file>    write the results as a Markdown page too
  --from <files>       measure nothing: show, and with --markdown render, the results in this JSON file, or in several
                       that are joined by commas: of each part, the last one counts
  --timeout <seconds>  longest time for one process (default: 600)
  --help               this text
`;

/** Reads the command line. Throws an Error whose message is for the user. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: "string" },
      enforcement: { type: "boolean" },
      latency: { type: "boolean" },
      authoring: { type: "boolean" },
      "agent-memory": { type: "boolean" },
      samples: { type: "string", default: "200" },
      quick: { type: "boolean", default: false },
      json: { type: "string", default: "bench-results.json" },
      markdown: { type: "string" },
      from: { type: "string" },
      timeout: { type: "string", default: "600" },
      help: { type: "boolean", default: false },
    },
  });
  const isWhole = [
    values.profile,
    values.enforcement,
    values.latency,
    values.authoring,
    values["agent-memory"],
  ].every((value) => value === undefined);
  const chosen = values.profile ?? (isWhole ? SELECTABLE.join(",") : "");
  const profiles = chosen === "" ? [] : chosen.split(",").map((name) => name.trim());
  for (const name of profiles) {
    if (!SELECTABLE.includes(name)) {
      throw new Error(`--profile ${name}: there is no such profile; there are ${SELECTABLE.join(", ")}`);
    }
  }
  const timeout = Number(values.timeout);
  if (!(timeout > 0)) throw new Error(`--timeout ${values.timeout}: give a number of seconds, such as 600`);
  const samples = Number(values.samples);
  if (!(Number.isInteger(samples) && samples > 0)) {
    throw new Error(`--samples ${values.samples}: give a whole number, such as 200`);
  }
  return {
    profiles: SELECTABLE.filter((name) => profiles.includes(name)),
    enforcement: values.enforcement ?? isWhole,
    latency: values.latency ?? isWhole,
    authoring: values.authoring ?? isWhole,
    agentMemory: values["agent-memory"] ?? false,
    samples,
    quick: values.quick,
    json: values.json,
    markdown: values.markdown,
    from: values.from?.split(",") ?? [],
    timeout,
    help: values.help,
  };
}
