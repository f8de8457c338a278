#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { MOST_LAB_NODES } from "../lab/most-nodes.ts";
import type { AgentOptions } from "./agent-options.ts";
import { withBareValues } from "./bare-options.ts";
import type { CheckOptions } from "./check.ts";
import type { DiffOptions } from "./diff.ts";
import { parseDuration } from "./duration.ts";
import { EXIT_BAD_INPUT } from "./exit-code.ts";
import type { ExplainOptions } from "./explain.ts";
import type { FlowsOptions } from "./flows.ts";
import type { LabOptions } from "./lab-options.ts";
import type { MapOptions } from "./map.ts";
import { PICTURES } from "./map-picture-format.ts";
import type { StatusOptions } from "./status.ts";
import type { TestOptions } from "./test.ts";
import { reportFailure } from "./usage-error.ts";
import type { VerifyOptions } from "./verify.ts";
import { VERSION } from "./version.ts";

const PATHS =
  "files or folders (searched for *.yaml, *.yml and *.json), or - for stdin; default: this folder";

function program(setExitCode: (code: number) => void): Command {
  const root = new Command("podwall")
    .description("Kubernetes network policies: decided exactly, enforced in the Linux kernel, explained")
    .version(VERSION)
    .showHelpAfterError("(podwall COMMAND --help tells more)")
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText(
      "after",
      `
Examples:
  podwall map examples/shop                                    who can reach whom
  podwall explain shop/frontend shop/db:3306 examples/shop     why a packet passes, or does not
  podwall lab examples/shop                                    the same, measured with packets
  podwall check deploy/                                        mistakes that people make, and how to mend them
  podwall test examples/shop                                   do the assertions beside the manifests hold?
  helm template . | podwall map -
  podwall map --context prod                                   a running cluster
  podwall verify --context prod --node worker-1                does this node's kernel do as the policies say?
  podwall agent --node worker-1                                enforce them on this node, from now on
  podwall status                                               the agents of a cluster: is every node enforcing?
  podwall status netpol/db -n shop --wait                      wait until every node enforces this policy
  podwall flows -n shop                                        what is denied there, as it happens, and why

Exit codes: 0 yes, 1 no (denied, or the lab differs), 2 wrong input, 3 the kernel part cannot run here.`,
    );

  live(input(root.command("map").description("who can reach whom")))
    .option("--pods", "a line for each pod instead of each workload")
    .addOption(output(["text", "json", "csv", "md", ...PICTURES]))
    .option("--from <peer>", "only connections from this pod, workload or address")
    .option("--to <peer>", "only connections to this one")
    .option("-n, --namespace <name>", "only connections from or to this namespace")
    .option("--port <port>", "only this port, such as 80 or 53/UDP")
    .option(
      "--exposure",
      "who could connect that is not there yet: any pod, labels that nobody wears, outside",
    )
    .action(async (paths: string[], options: MapOptions) => {
      const { mapCommand } = await import("./map.ts");
      setExitCode(await mapCommand(paths, options));
    });

  live(
    input(
      root
        .command("explain")
        .description("the verdict for one packet, and why; exit code 0 allowed, 1 denied, 2 could not tell")
        .argument("<from>", "a pod (shop/db-0), a workload (shop/db) or an address")
        .argument("<to[:port[/protocol]]>", "likewise, with a port number or name, or :icmp"),
    ),
  )
    .addOption(output(["text", "json"]))
    .action(async (from: string, to: string, paths: string[], options: ExplainOptions) => {
      const { explainCommand } = await import("./explain.ts");
      setExitCode(await explainCommand(from, to, paths, options));
    });

  live(
    input(
      root
        .command("check")
        .description("what is wrong with policies, and what is probably not as it was meant"),
      { keepGoing: false },
    ),
  )
    .addOption(
      new Option(
        "--fail-on <severity>",
        "exit with 1 on findings at least as bad as this (default: that of podwall.yaml, or warning)",
      ).choices(["error", "warning", "info", "never"]),
    )
    .addOption(
      new Option("--severity <least>", "tell only findings at least as bad as this")
        .choices(["error", "warning", "info"])
        .default("info"),
    )
    .option(
      "--fix [which]",
      "mend the files: --fix what changes no verdict, --fix=all, or codes by comma as in --fix=or-instead-of-and",
    )
    .option("--dry-run", "with --fix: tell what would be mended, and leave the files as they are")
    .option(
      "--explain [code]",
      "what a kind of finding means, why it matters and how to mend it; without a code: list all",
    )
    .option(
      "--config <file>",
      "levels and ignores (default: podwall.yaml of this folder, or the nearest above it in the repository)",
    )
    .addOption(output(["text", "json", "sarif", "github", "junit"]))
    .addHelpText(
      "after",
      `
A finding that is meant to be is ignored by saying so, with a reason: in podwall.yaml, by a comment before its line or its
document (# podwall-ignore: CODE: REASON), or by the annotation podwall.io/ignore of its policy ("CODE: REASON").

Examples:
  podwall check deploy/
  podwall check --explain or-instead-of-and
  podwall check --fix deploy/
  podwall check deploy/ -o sarif > podwall.sarif
  podwall check --context prod --severity warning

Exit codes: 0 nothing as bad as --fail-on, 1 something, 2 could not tell.`,
    )
    .action(async (paths: string[], options: CheckOptions) => {
      const { checkCommand } = await import("./check.ts");
      setExitCode(await checkCommand(paths, options));
    });

  live(
    input(
      root
        .command("test")
        .description(
          "do the assertions in *.podwall.yaml hold? exit code 0 all, 1 not all, 2 some could not be judged",
        ),
    ),
  )
    .option("--lab", "also send the packets that the cases speak of, in a lab on this machine")
    .option("--coverage", "also tell which allowed connections no case speaks of")
    .option("--init", "write a first file of cases that hold now into the folder, or print it")
    .addOption(output(["text", "json", "junit"]))
    .addHelpText(
      "after",
      `
Cases lie beside the manifests, in *.podwall.yaml:

  cases:
  - name: only the api reaches the database
    from: shop/api
    to: shop/db:3306
    expect: allow
  - from: {anyone: true, except: [shop/api]}
    to: shop/db
    expect: deny

Examples:
  podwall test --init deploy/                      a first file, of what is allowed now
  podwall test deploy/                             all cases in deploy/, about the manifests in deploy/
  helm template . | podwall test - tests/          the same about what Helm makes
  podwall test --context prod tests/               about the objects of a running cluster
  podwall test -o junit deploy/ > report.xml`,
    )
    .action(async (paths: string[], options: TestOptions) => {
      const { testCommand } = await import("./test.ts");
      setExitCode(await testCommand(paths, options));
    });

  live(
    input(
      root
        .command("verify")
        .description(
          "is what the kernel of this node lets pass what the policies say? exit code 0 equal, 1 different",
        ),
    ),
  )
    .option("--node <name>", "the node whose pods are compared (default: the only one that has pods)")
    .option(
      "--ruleset <file>",
      "what `nft -j list table inet podwall` printed, or - for stdin, instead of the kernel's rules here",
    )
    .option("--audit", "the whole node is in audit mode: everything should pass")
    .option(
      "--no-closed-at-birth",
      "addresses of the node's pod range should be open until their pod is known",
    )
    .addOption(output(["text", "json"]))
    .action(async (paths: string[], options: VerifyOptions) => {
      const { verifyCommand } = await import("./verify.ts");
      setExitCode(await verifyCommand(paths, options));
    });

  live(
    manifests(
      root
        .command("diff")
        .description("what a change of manifests opens and closes")
        .argument(
          "[paths...]",
          "OLD and NEW: files, folders, or - for stdin; with --git and --context: see below",
        ),
    ),
  )
    .option("--git <revisions>", "compare A..B, A...B (since B left A), or A with the working tree")
    .option("--pods <path>", "pods, namespaces and nodes for sides that have policies alone", collect)
    .option("--prune", "with --context: policies that the folder lacks count as deleted")
    .option("--from <peer>", "only connections from this pod, workload or address, or from outside")
    .option("--to <peer>", "only connections to this one")
    .option("-n, --namespace <name>", "only connections from or to this namespace")
    .option("--fail-on-open", "exit code 1 if any connection opens, 2 if there are no pods to tell")
    .addOption(output(["text", "json", "md", "github"]))
    .addHelpText(
      "after",
      `
What opens comes first, the most dangerous of it before the rest: from outside, then to ports of databases and the like.
What the new policies would change over the old pods is told apart from what other pods, namespaces and nodes change.

Examples:
  podwall diff old/ new/
  podwall diff --git main...HEAD deploy/ -o md         for a comment on a pull request
  podwall diff --git HEAD deploy/                      what is not committed yet
  podwall diff --git main..HEAD policies/ --pods cluster.yaml
  podwall diff --context prod deploy/                  what kubectl apply -f deploy/ would open and close

Exit codes: 0 compared (with --fail-on-open: nothing opens), 1 something opens, 2 could not tell.`,
    )
    .action(async (paths: string[], options: DiffOptions) => {
      const { diffCommand } = await import("./diff.ts");
      setExitCode(await diffCommand(paths, options));
    });

  agents(
    root
      .command("status")
      .description(
        "the agents of a running cluster: is every node enforcing? with policies: which nodes enforce them as they are now",
      )
      .argument("[policy...]", "as kubectl takes them: netpol/NAME, networkpolicy NAME, cnp/NAME"),
  )
    .option("-n, --namespace <name>", "of the policies (default: that of the context)")
    .option("--wait", "wait until every node that matters enforces these versions, or later ones")
    .addOption(
      new Option("--timeout <time>", "how long to wait").argParser(parseDuration).default(60_000, "60s"),
    )
    .option("--deleted", "the policies are to be gone: does no node enforce them any more?")
    .option("--ignore-unready", "nodes whose agent is missing, silent or not ready do not matter")
    .option("--all", "a line for each node, however many there are")
    .option("--watch", "look again every few seconds, until Ctrl-C")
    .addOption(output(["text", "json"]))
    .addHelpText(
      "after",
      `
A node that has pods which a policy selects matters for it. So does one whose agent is not ready, does not answer or is
missing: nobody knows what it lets pass.

Examples:
  podwall status                                      every node, those with troubles first
  podwall status --context prod -o json | jq '.nodes[] | select(.ready | not)'
  kubectl apply -f db.yaml && podwall status netpol/db -n shop --wait --timeout 2m
  kubectl delete netpol db -n shop && podwall status netpol/db -n shop --deleted --wait

Exit codes: 0 all nodes ready, or the policies in force; 1 not so, or not in time; 2 could not tell.`,
    )
    .action(async (policies: string[], options: StatusOptions) => {
      const { statusCommand } = await import("./status.ts");
      setExitCode(await statusCommand(policies, options));
    });

  agents(
    root
      .command("flows")
      .description("what the nodes of a running cluster deny, as it happens, with the reason; until Ctrl-C"),
  )
    .option("-n, --namespace <name>", "only flows from or to pods of this namespace")
    .option("--node <name>", "only what this node tells; repeat it for more", collect)
    .option(
      "--pod <name>",
      "only flows from or to this pod or workload, such as shop/db; repeat it for more",
      collect,
    )
    .option(
      "--policy <name>",
      "only flows that this policy decided, such as shop/db or netpol/db; repeat it for more",
      collect,
    )
    .option("--audited", "instead what only policies in audit mode would have denied")
    .option("--all", "all that the agents log, also what passes (agents log that with --flows=all)")
    .addOption(output(["text", "json"]))
    .addHelpText(
      "after",
      `
Each line begins with the node that tells it. Nodes that are not heard are named on standard error.

Examples:
  podwall flows -n shop                               denied connections from or to pods of shop
  podwall flows --policy shop/db --audited            what a policy on trial would deny
  podwall flows -o json | jq -r '.destination.pod'    one JSON object a line`,
    )
    .action(async (options: FlowsOptions) => {
      const { flowsCommand } = await import("./flows.ts");
      setExitCode(await flowsCommand(options));
    });

  const lab = input(
    root
      .command("lab")
      .description(
        "a cluster of network namespaces on this machine: predicted against measured with packets",
      ),
  )
    .option(
      "--external <address>",
      "a host outside the cluster, such as 192.168.5.10; repeat it for more",
      collect,
    )
    .option(
      "--nodes <count>",
      `spread the pods that name no node over 1 to ${MOST_LAB_NODES} nodes: node, node-2, ...; replicas are kept apart`,
      nodeCount,
      1,
    )
    .addOption(denyOption())
    .addOption(auditOption())
    .addOption(
      new Option(
        "--flows [which]",
        "print flows as they come, to standard error: --flows (denied or audited) or --flows=all; with -o json one JSON object a line",
      ).choices(["denied", "all"]),
    )
    .option(
      "--no-closed-at-birth",
      "leave addresses of a node's pod range open until their pod is known, instead of closed",
    )
    .option("--show-rules", "print the nftables rules that are loaded")
    .option("--keep", "leave it up, enforce edits of the manifests, until Ctrl-C")
    .addOption(output(["text", "json"]))
    .action(async (paths: string[], options: LabOptions) => {
      const { labCommand } = await import("./lab.ts");
      setExitCode(await labCommand(paths, options));
    });
  lab
    .enablePositionalOptions()
    .command("exec")
    .description("run a command inside a pod of a lab that was started with --keep")
    .argument("<pod>", "such as shop/frontend-0, or a workload's name")
    .argument("<command...>", "after --, as in: podwall lab exec shop/frontend -- ip address")
    .option("--lab <pid>", "which lab, where several are running", processId)
    .passThroughOptions()
    .action(async (pod: string, command: string[], options: { lab?: number }) => {
      const { labExecCommand } = await import("./lab-exec.ts");
      setExitCode(await labExecCommand(pod, command, options));
    });
  root
    .command("agent")
    .description(
      "keep the kernel of this node equal to the policies of its cluster; runs as a DaemonSet (deploy/)",
    )
    .option(
      "--node <name>",
      "the node that this is, as the cluster knows it (default: the variable NODE_NAME)",
    )
    .option("--kubeconfig <file>", "the kubeconfig (default: the service account of this pod)")
    .option("--context <name>", "its context (default: the current one)")
    .option(
      "--listen <address:port>",
      "where to answer /metrics, /healthz, /readyz, /v1/status, /v1/policies, /v1/flows; empty: nowhere",
      ":9643",
    )
    .option(
      "--state <folder>",
      "where to keep what is known of the cluster, for a start without API server; empty: nowhere",
      "/var/lib/podwall",
    )
    .addOption(
      new Option(
        "--before-sync <how>",
        "what becomes of new connections of pods while nothing is known of the cluster: no rules, no state, no API server yet",
      )
        .choices(["closed", "open"])
        .default("closed"),
    )
    .addOption(denyOption())
    .addOption(auditOption())
    .addOption(
      new Option("--flows <which>", "which connections the flow log tells")
        .choices(["none", "denied", "all"])
        .default("denied"),
    )
    .option("--log-flows", "write denied and audited flows to the log, too")
    .option(
      "--no-closed-at-birth",
      "leave addresses of the node's pod range open until their pod is known, instead of closed",
    )
    .option("--verify-every <seconds>", "how often the kernel is read back and compared", seconds, 300)
    .addOption(
      new Option("--log-level <level>", "the least that is logged").choices([...LOG_LEVELS]).default("info"),
    )
    .option("--cleanup", "remove the rules from this node, and end; policies are not enforced any more")
    .addHelpText(
      "after",
      `
SIGTERM ends it and leaves the rules in force; a new agent takes them over. docs/install.md tells how to run it in a cluster.`,
    )
    .action(async (options: AgentOptions) => {
      const { agentCommand } = await import("./agent.ts");
      setExitCode(await agentCommand(options));
    });
  return root;
}

/** From the fewest lines to the most. */
const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 1) throw new InvalidArgumentError("give at least 1 second");
  return value;
}

function input(command: Command, options: { readonly keepGoing?: boolean } = {}): Command {
  return manifests(command.argument("[paths...]", PATHS), options);
}

/** The options of commands that read manifests. */
function manifests(command: Command, { keepGoing = true }: { readonly keepGoing?: boolean } = {}): Command {
  command.option(
    "--pod-cidr <cidr>",
    "block for pods without an address; one a family, by comma or repeated (default: 10.244.0.0/16,fd00:10:244::/56)",
    collect,
  );
  if (keepGoing) {
    command.option("--keep-going", "treat the pods of policies that are wrong as closed, instead of failing");
  }
  return command;
}

/** The options of commands that can read a cluster instead of manifests. */
function live(command: Command): Command {
  return command
    .option("--context <name>", "read a running cluster: that of this context of the kubeconfig")
    .option(
      "--kubeconfig <file>",
      "the kubeconfig, and its current context (default: KUBECONFIG, ~/.kube/config)",
    )
    .option("--live", "read the cluster of the current context");
}

/** The options of commands that ask the agents of a cluster. */
function agents(command: Command): Command {
  return command
    .option("--context <name>", "the context of the kubeconfig (default: the current one)")
    .option("--kubeconfig <file>", "the kubeconfig (default: KUBECONFIG, ~/.kube/config)")
    .option(
      "--agent-namespace <name>",
      "the namespace that the agents run in (default: all, or podwall-system where you may not list the pods of all)",
    );
}

/** Values of an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Of commands that enforce, in a lab or on a node. */
function denyOption(): Option {
  return new Option(
    "--deny <how>",
    "what becomes of a denied packet: drop (the sender waits), reject (it is told at once: TCP reset, ICMP prohibited)",
  )
    .choices(["drop", "reject"])
    .default("drop");
}

function auditOption(): Option {
  return new Option(
    "--audit",
    "enforce nothing: what the policies deny is let through and only logged (one policy alone: annotation podwall.io/mode: audit)",
  );
}

function output(choices: readonly string[]): Option {
  return new Option("-o, --output <format>", "how to print").choices(choices).default(choices[0]);
}

function processId(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("give the process id of the lab");
  return Number(text);
}

function nodeCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_LAB_NODES) {
    throw new InvalidArgumentError(`give a number from 1 to ${MOST_LAB_NODES}`);
  }
  return count;
}

/** Runs the command line; resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  try {
    await program((code) => {
      exitCode = code;
    }).parseAsync(withBareValues(argv), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    return reportFailure(error);
  }
}

// A reader that has seen enough, such as head, closes the pipe: that is no error, and changes no verdict.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await main(process.argv.slice(2));
