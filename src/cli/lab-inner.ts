// The part of `podwall lab` that runs inside the sandbox, as process 1 of namespaces of its own.

import { type BuildOptions, DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import { KernelError } from "../dataplane/kernel/kernel.ts";
import { comparisonSize } from "../dataplane/verify/verify.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type Lab, type MeasuredProbe, openLab, programText } from "../lab/lab.ts";
import { labNodes } from "../lab/plan.ts";
import { runInSandbox } from "../lab/sandbox-inner.ts";
import { TopologyError } from "../lab/topology.ts";
import { type Address, parseAddress } from "../net/address.ts";
import { cutTexts, problemText, repairText } from "../report/enforcement-text.ts";
import { printFlows } from "../report/flow-printer.ts";
import { labJson } from "../report/lab-json.ts";
import { differences, labDifferences, labLegend, labTable, portLabel } from "../report/lab-text.ts";
import { verifyText } from "../report/verify-text.ts";
import { clusterFromSources, type LoadedCluster } from "../source/load-cluster.ts";
import { readManifestFiles } from "../source/read-manifest-files.ts";
import { watchManifests } from "../source/watch-manifests.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { podCidrOption, reportFindings } from "./input.ts";
import { enforcementOf, type LabMessage, type LabOptions } from "./lab-options.ts";
import { progressBar, styleFor, widthOf } from "./terminal.ts";
import { BadInput, reportFailure, UsageError } from "./usage-error.ts";

const { paths, options } = JSON.parse(process.argv[2]!) as { paths: string[]; options: LabOptions };

await runInSandbox(async (signal) => {
  try {
    return await run(signal);
  } catch (error) {
    return reportFailure(error);
  }
});

async function run(signal: AbortSignal): Promise<number> {
  const externals = (options.external ?? []).flatMap((text) => text.split(",")).map(externalAddress);
  const files = await readManifestFiles(paths.length === 0 ? ["."] : paths);
  const build: BuildOptions = { ...podCidrOption(options), defaultNodes: labNodes(options.nodes) };
  const loaded = clusterFromSources(files.sources, build, files.findings);
  reportFindings(loaded, options);
  if (loaded.cluster.pods.length === 0) {
    throw new UsageError("there are no pods in the input, so there is nothing to put in the lab");
  }
  const tell = (line: string): void => {
    process.stderr.write(`podwall: ${line}\n`);
  };
  const flows = printFlows(process.stderr, options.output, styleFor(process.stderr));
  let engine: Engine = createEngine(loaded.cluster);
  const lab = await openLab(engine, externals, {
    config: enforcementOf(options),
    podRanges: podCidrOption(options).podCidrs ?? DEFAULT_POD_CIDRS,
    onCut: (node, cut) => {
      for (const line of cutTexts(node, cut, engine)) tell(line);
    },
    onProblem: (node, problem) => tell(problemText(node, problem)),
    onRepair: (node, repair) => tell(repairText(node, repair)),
    onFlow: (event) => flows.print(event),
  }).catch((error: unknown) => {
    throw error instanceof TopologyError
      ? new UsageError(`the lab cannot be built: ${error.message}`)
      : error;
  });
  engine = lab.engines.engine;
  try {
    if (options.showRules === true) showRules(lab);
    if (options.output === "text") process.stdout.write(`${headline(lab, loaded)}\n`);
    const measured = report(await measure(lab), loaded);
    const code = (await verify(lab)) ? measured : EXIT_NO;
    if (options.keep === true) await keep(lab, loaded, files, build, signal);
    return code;
  } finally {
    await lab.close();
  }
}

function externalAddress(text: string): Address {
  const address = parseAddress(text.trim());
  if (address === undefined) throw new UsageError(`--external ${text}: not an address such as 192.168.5.10`);
  return address;
}

function headline(lab: Lab, { cluster }: LoadedCluster): string {
  const count = (n: number, one: string, many: string = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
  const parts = [
    count(cluster.pods.length, "pod"),
    count(lab.programs.size, "node"),
    count(cluster.networkPolicies.length + cluster.clusterPolicies.length, "policy", "policies"),
  ];
  return `podwall lab: ${parts.join(", ")}; rules loaded in ${Math.max(1, Math.round(lab.loadMillis))} ms`;
}

function showRules(lab: Lab): void {
  // With JSON on stdout the rules must not get between.
  const stream = options.output === "json" ? process.stderr : process.stdout;
  for (const [node, program] of lab.programs) stream.write(`# node ${node}\n${programText(program)}\n`);
}

async function measure(lab: Lab): Promise<MeasuredProbe[]> {
  const bar = progressBar(process.stderr, (total) => `probing ${total} connections`);
  // Flows come on the same terminal, and would be overwritten.
  const probes = await lab.measure((done, total) => {
    if (options.flows === undefined) bar.show(done, total);
  });
  bar.clear();
  return probes;
}

/** Reads the kernel of every node back. True if each is what the engine says; otherwise it is told what is not. */
async function verify(lab: Lab): Promise<boolean> {
  const { engine } = lab.engines;
  const stream = options.output === "json" ? process.stderr : process.stdout;
  const style = styleFor(stream);
  let equal = true;
  for (const [node, found] of await lab.verify()) {
    if (found.length === 0) continue;
    equal = false;
    stream.write(`\n${verifyText(node, comparisonSize(engine, node), found, style)}`);
  }
  if (equal && options.output === "text") {
    const nodes = lab.enforcers.size === 1 ? "" : ` on each of ${lab.enforcers.size} nodes`;
    stream.write(
      `\n  ${style.green("kernel = model")}${nodes}: the rules read back let pass what the engine says, for all ports and peers\n`,
    );
  }
  return equal;
}

function report(probes: readonly MeasuredProbe[], loaded: LoadedCluster): number {
  const different = differences(probes);
  if (options.output === "json") {
    process.stdout.write(`${JSON.stringify(labJson(probes), undefined, 2)}\n`);
  } else {
    const style = styleFor(process.stdout);
    if (probes.length === 0) {
      process.stdout.write(
        "nothing was probed: there is one end only; name a second with --external ADDRESS\n",
      );
      return EXIT_OK;
    }
    process.stdout.write(
      `probed ${probes.length} connections\n\n${labTable(probes, widthOf(process.stdout), style)}\n\n`,
    );
    process.stdout.write(`${labLegend(probes, style)}\n`);
    if (different.length > 0) process.stdout.write(`\n${labDifferences(probes, style)}\n`);
    process.stdout.write(suggestion(probes, loaded));
  }
  return different.length === 0 ? EXIT_OK : EXIT_NO;
}

/** The next question that a stopped connection raises. */
function suggestion(probes: readonly MeasuredProbe[], { cluster }: LoadedCluster): string {
  const serves = ({ to, protocol, port }: MeasuredProbe): boolean =>
    cluster.pods.some(
      (pod) => pod.id === to && pod.ports.some((each) => each.protocol === protocol && each.port === port),
    );
  const stopped = probes.find((probe) => probe.measured === "deny" && serves(probe));
  if (stopped === undefined) return "";
  const workload = (id: string): string => {
    const found = cluster.workloads.find((each) => each.pods.some((pod) => pod.id === id));
    return found === undefined ? id : `${found.namespace}/${found.name}`;
  };
  const [from, to] = [workload(stopped.from), workload(stopped.to)];
  const port = portLabel(stopped);
  const cidrs = (options.podCidr ?? []).map((cidr) => `--pod-cidr ${cidr}`);
  return `\n  ${from} cannot reach ${to}:${port}. Ask why: podwall explain ${[from, `${to}:${port}`, ...cidrs, ...paths].join(" ")}\n`;
}

/** Stays up until asked to end, and enforces every edit of the manifests. */
async function keep(
  lab: Lab,
  first: LoadedCluster,
  files: Awaited<ReturnType<typeof readManifestFiles>>,
  build: BuildOptions,
  signal: AbortSignal,
): Promise<void> {
  const announce = ({ cluster }: LoadedCluster): void => {
    const pods = lab.network.podNamespaces();
    // A workload's name stands for its first pod.
    for (const { namespace, name, pods: own } of cluster.workloads) {
      const first = pods[own[0]!.id];
      if (first !== undefined) pods[`${namespace}/${name}`] ??= first;
    }
    process.send?.({ kind: "up", pods } satisfies LabMessage);
  };
  announce(first);
  const some = first.cluster.pods[0]!.id;
  process.stderr.write(
    `\nThe lab stays up; edits to the manifests are enforced at once. Ctrl-C ends it.\nFrom another terminal: podwall lab exec ${some} -- ip address\n`,
  );
  let previous = placesOf(first);
  const onChange = async (changed: typeof files): Promise<void> => {
    const started = performance.now();
    const loaded = clusterFromSources(changed.sources, { ...build, ...previous }, changed.findings);
    try {
      reportFindings(loaded, options);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      process.stderr.write(`podwall: ${error.message}\nThe rules in force stay as they were.\n`);
      return;
    }
    try {
      await lab.update(createEngine(loaded.cluster));
      await verify(lab);
    } catch (error) {
      // An edit must not end the lab: what could not be done is said, and what was in force stays.
      if (!(error instanceof KernelError || error instanceof TopologyError)) throw error;
      process.stderr.write(`podwall: ${error.message}\nThe rules in force stay as they were.\n`);
      return;
    }
    previous = placesOf(loaded);
    announce(loaded);
    process.stderr.write(
      `${headline(lab, loaded)}; in force ${Math.round(performance.now() - started)} ms after the edit was seen\n`,
    );
  };
  if (paths.includes("-"))
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  else await watchManifests(paths.length === 0 ? ["."] : paths, files, onChange, signal);
}

/** What an edit of the manifests must not change of the pods that stay. */
function placesOf({ cluster }: LoadedCluster): Pick<BuildOptions, "previousAddresses" | "previousNodes"> {
  const own = cluster.pods.filter((pod) => !pod.hostNetwork);
  return {
    previousAddresses: new Map(own.map((pod) => [pod.id, pod.addresses])),
    previousNodes: new Map(cluster.pods.flatMap(({ id, node }) => (node === undefined ? [] : [[id, node]]))),
  };
}
