import { type Exposure, exposure } from "../analysis/exposure.ts";
import { type Published, published } from "../analysis/published.ts";
import { policyId } from "../cluster/change.ts";
import type { ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import { auditedPolicies } from "../cluster/without-audited.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { Direction } from "../k8s/objects.ts";
import { exposureJson } from "../report/exposure-json.ts";
import { exposureText } from "../report/exposure-text.ts";
import { EXIT_OK } from "./exit-code.ts";
import { loadInput } from "./input.ts";
import type { MapOptions } from "./map.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** `podwall map --exposure`: who could connect that is not there yet. */
export async function exposureCommand(paths: readonly string[], options: MapOptions): Promise<number> {
  checkOptions(options);
  const { cluster } = await loadInput(paths, options);
  const engine = createEngine(cluster);
  const found = askedExposure(engine, options);
  const ways = filteredWays(published(engine), options, cluster.workloads);
  const audited = auditedPolicies(cluster).map(policyId);
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(exposureJson(found, ways, audited), undefined, 2)}\n`
      : exposureText(found, styleFor(process.stdout), ways, audited),
  );
  return EXIT_OK;
}

function checkOptions({ output, pods, port, from, to }: MapOptions): void {
  if (output !== "text" && output !== "json") {
    throw new UsageError(`--exposure -o ${output}: exposure is printed as text or json`);
  }
  if (pods === true) {
    throw new UsageError("--exposure --pods: exposure is told by workload; leave --pods out");
  }
  if (port !== undefined) {
    throw new UsageError(`--exposure --port ${port}: exposure tells all ports; leave --port out`);
  }
  if (from !== undefined && to !== undefined) {
    throw new UsageError(
      "--exposure --from --to: exposure is about one end; --to tells who could come in, --from what could be reached",
    );
  }
}

/** `--to` asks what may come in to a workload, `--from` what it may reach. */
function askedExposure(engine: Engine, { namespace, from, to }: MapOptions): Exposure {
  const { workloads } = engine.cluster;
  if (namespace !== undefined && !workloads.some((workload) => workload.namespace === namespace)) {
    throw new UsageError(`--namespace ${namespace}: no pods there`);
  }
  const asked: readonly [option: string, name: string, direction: Direction] | undefined =
    to !== undefined ? ["--to", to, "ingress"] : from !== undefined ? ["--from", from, "egress"] : undefined;
  if (asked !== undefined && !workloads.some((workload) => isNamed(workload, asked[1]))) {
    const known = workloads.slice(0, 8).map(({ id }) => id);
    throw new UsageError(`${asked[0]} ${asked[1]}: no such workload or pod; there are: ${known.join(", ")}`);
  }
  const { sides, hostNetwork } = exposure(
    engine,
    (workload) =>
      (namespace === undefined || workload.namespace === namespace) &&
      (asked === undefined || isNamed(workload, asked[1])),
  );
  return {
    sides: asked === undefined ? sides : sides.filter(({ direction }) => direction === asked[2]),
    hostNetwork,
  };
}

/** What is published is a way in: `--to` keeps what leads to a workload, and there is none of it with `--from`. */
function filteredWays(
  { services, ingresses }: Published,
  { namespace, from, to }: MapOptions,
  workloads: readonly ClusterWorkload[],
): Published {
  if (from !== undefined) return { services: [], ingresses: [] };
  const asked =
    to === undefined
      ? undefined
      : new Set(workloads.filter((workload) => isNamed(workload, to)).flatMap(({ pods }) => pods));
  const leadsThere = (pods: readonly ClusterPod[]): boolean =>
    asked === undefined || pods.some((pod) => asked.has(pod));
  return {
    services: services.filter(
      ({ service, pods }) => (namespace === undefined || service.namespace === namespace) && leadsThere(pods),
    ),
    ingresses: ingresses.filter(
      ({ ingress, backends }) =>
        (namespace === undefined || ingress.namespace === namespace) &&
        leadsThere(backends.flatMap(({ targets }) => targets.flatMap(({ pods }) => pods))),
    ),
  };
}

/** An id, `namespace/name`, or a pod of the workload. */
function isNamed(workload: ClusterWorkload, name: string): boolean {
  return (
    workload.id === name ||
    `${workload.namespace}/${workload.name}` === name ||
    workload.pods.some((pod) => pod.id === name)
  );
}
