import { type BuildOptions, buildCluster } from "../cluster/build.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type DeclaredNamespaces, declaredNamespacesOf } from "../cluster/declared-namespaces.ts";
import type { Finding } from "../k8s/finding.ts";
import { DEFAULT_NAMESPACE } from "../k8s/metadata.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { equalPriorityFindings } from "../policy/equal-priorities.ts";
import { findingsText } from "../report/findings-text.ts";
import { createKubeClient } from "../source/kube/client.ts";
import type { KubeContext } from "../source/kube/context.ts";
import { FORBIDDEN } from "../source/kube/forbidden.ts";
import { KubeError } from "../source/kube/kube-error.ts";
import { loadContext } from "../source/kube/kubeconfig.ts";
import { type LiveObjects, readCluster } from "../source/kube/read-cluster.ts";
import type { NameScope } from "./ends.ts";
import { type InputOptions, loadInput } from "./input.ts";
import { counterLine, styleFor } from "./terminal.ts";
import { BadInput, UsageError } from "./usage-error.ts";

/** The options of commands that read manifests or a cluster. */
export interface LiveInputOptions extends InputOptions {
  readonly live?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** What a question is about, where the whole cluster may not be read. */
export interface QuestionScope {
  /** The namespaces of the question, from the names that the user gave and the context's own namespace. */
  readonly namespaces: (defaultNamespace: string) => readonly string[];
  /** True if these namespaces hold all that the answer depends on. */
  readonly isEnough: boolean;
  /** What the answer lacks, otherwise. */
  readonly lack: string;
  /** How to name a namespace, where the question can do without one and named none. */
  readonly advice?: string;
}

/** A cluster, and what names mean in it. */
export interface CommandInput {
  readonly cluster: Cluster;
  readonly names: NameScope;
}

/**
 * Loads manifests, or reads a cluster if an option names one. `build` is for manifests. Throws a {@link UsageError} if
 * there is no answer.
 */
export async function loadManifestsOrCluster(
  paths: readonly string[],
  options: LiveInputOptions,
  scope: QuestionScope,
  build: BuildOptions = {},
): Promise<CommandInput> {
  const option = liveOption(options);
  if (option === undefined) {
    const { cluster } = await loadInput(paths, options, build);
    return { cluster, names: { namespace: DEFAULT_NAMESPACE, waitingPods: [] } };
  }
  refuseWithCluster(option, paths, options);
  const live = await readLive(options, scope);
  const { cluster, namespace, waitingPods } = live;
  reportFindings(live.findings, cluster, live.context, options, scope);
  if (cluster.pods.length === 0) {
    process.stderr.write(
      `podwall: context ${live.context.name} has no running pods, so nothing can be said of their connections\n`,
    );
  }
  return { cluster, names: { namespace, waitingPods } };
}

/** Throws a {@link UsageError} for what is only for manifests. */
export function refuseWithCluster(option: string, paths: readonly string[], options: InputOptions): void {
  if (paths.length > 0) {
    throw new UsageError(
      `${option} reads a cluster, ${paths.join(" ")} are manifests: give one or the other`,
    );
  }
  if (options.podCidr !== undefined) {
    throw new UsageError(`--pod-cidr is for manifests; with ${option} pods have the addresses they have`);
  }
}

/** The option that asks for a running cluster, as it was written; undefined if none does. */
export function liveOption({ context, kubeconfig, live }: LiveInputOptions): string | undefined {
  if (context !== undefined) return `--context ${context}`;
  if (kubeconfig !== undefined) return `--kubeconfig ${kubeconfig}`;
  return live === true ? "--live" : undefined;
}

/** A running cluster as it was read, with all that is wrong or doubtful about it. */
export interface LiveInput {
  readonly context: KubeContext;
  /** The namespace of names without one. */
  readonly namespace: string;
  readonly cluster: Cluster;
  /** What was read of it. */
  readonly objects: readonly KubernetesObject[];
  readonly findings: readonly Finding[];
  /** The namespaces for which there is a Namespace object. */
  readonly declaredNamespaces: DeclaredNamespaces;
  /** Ids of pods that have no address yet. */
  readonly waitingPods: readonly string[];
}

/** Reads the cluster that the options name. Throws a {@link UsageError} if it cannot be read. */
export async function readLive(options: LiveInputOptions, scope: QuestionScope): Promise<LiveInput> {
  try {
    const context = await loadContext(options);
    const namespace = context.namespace ?? DEFAULT_NAMESPACE;
    const read = await readWithProgress(context, [...new Set(scope.namespaces(namespace))]);
    const built = buildCluster(read.objects, { unaddressed: "left-out" });
    const findings = [
      ...read.findings,
      ...built.findings,
      ...equalPriorityFindings(built.cluster),
      ...partFindings(read, context, scope),
    ];
    return {
      context,
      namespace,
      cluster: built.cluster,
      objects: read.objects,
      findings,
      declaredNamespaces: declaredNamespacesOf(read.objects),
      waitingPods: waitingPods(read.objects),
    };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    throw new UsageError(error.help === undefined ? error.message : `${error.message}\n  ${error.help}`);
  }
}

function waitingPods(objects: readonly KubernetesObject[]): string[] {
  return objects.flatMap((object) =>
    object.kind === "Pod" && object.addresses.length === 0 ? [`${object.namespace}/${object.name}`] : [],
  );
}

async function readWithProgress(context: KubeContext, namespaces: readonly string[]): Promise<LiveObjects> {
  const client = createKubeClient(context);
  const line = counterLine(process.stderr);
  try {
    return await readCluster(client, {
      ...(namespaces.length === 0 ? {} : { namespaces }),
      onProgress: ({ plural }, items) => line.show(`reading ${plural}`, items),
    });
  } finally {
    line.clear();
    client.close();
  }
}

/** Reading only some namespaces is never silent, and an error where the answer lacks something for it. */
function partFindings(read: LiveObjects, context: KubeContext, scope: QuestionScope): Finding[] {
  const { onlyNamespaces } = read;
  if (onlyNamespaces === undefined) return [];
  const names = onlyNamespaces.join(", ");
  return [
    {
      code: "only-some-namespaces",
      severity: scope.isEnough ? "warning" : "error",
      position: { file: `context ${context.name}`, line: 0, column: 0 },
      message: `You may not read the pods and policies of all namespaces; read ${onlyNamespaces.length === 1 ? "was" : "were"} only ${names}. ${
        scope.isEnough ? "For this question that is enough." : scope.lack
      }`,
    },
  ];
}

function reportFindings(
  findings: readonly Finding[],
  cluster: Cluster,
  context: KubeContext,
  options: LiveInputOptions,
  scope: QuestionScope,
): void {
  if (findings.length > 0) process.stderr.write(`${findingsText(findings, styleFor(process.stderr))}\n`);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const refused = errors.filter(({ code }) => code === FORBIDDEN || code === "unsupported-version");
  if (refused.length > 0) {
    throw new BadInput(
      [
        `context ${context.name}: what the answer depends on cannot be read; nothing was evaluated`,
        ...(scope.advice === undefined ? [] : [scope.advice]),
      ].join("\n  "),
    );
  }
  const count = `context ${context.name}: ${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
  if (options.keepGoing !== true) {
    const isPart = errors.some(({ code }) => code === "only-some-namespaces");
    throw new BadInput(
      `${count}; nothing was evaluated (use --keep-going to ${
        isPart ? "go on with what could be read" : "treat the pods of broken policies as closed"
      })`,
    );
  }
  const { networkPolicies, clusterPolicies } = cluster;
  const broken = [...networkPolicies, ...clusterPolicies].filter((policy) => policy.broken);
  const names = broken
    .map((policy) => ("namespace" in policy ? `${policy.namespace}/${policy.name}` : policy.name))
    .join(", ");
  process.stderr.write(
    `podwall: ${count}; going on${broken.length === 0 ? "" : `: the pods selected by ${names} count as closed`}\n`,
  );
}
