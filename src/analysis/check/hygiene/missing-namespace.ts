import type { Cluster, ClusterWorkload } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Fix } from "../../../k8s/fix.ts";
import { comparePositions, type Origin } from "../../../k8s/location.ts";
import type { NetworkPolicy } from "../../../k8s/objects.ts";
import { type Check, findingOf } from "../check.ts";

/** The namespace in which an object that names none is read here. */
const UNNAMED = "default";

/**
 * An object without `metadata.namespace` lands wherever kubectl is set to. Where nobody names a namespace, that is a way
 * of working (`kubectl -n`, kustomize); beside objects that do, it is probably forgotten.
 */
export const missingNamespace: Check = {
  codes: ["missing-namespace"],
  *run({ cluster, known }) {
    if (known.everything) return;
    const named = namedNamespaces(cluster);
    if (named.size === 0) return;
    for (const policy of cluster.networkPolicies) {
      if (policy.namespace === UNNAMED && namesNone(policy.origin)) yield policyFinding(policy, named);
    }
    for (const workload of cluster.workloads) {
      const [pod] = workload.pods;
      if (workload.namespace === UNNAMED && pod !== undefined && namesNone(pod.origin)) {
        yield workloadFinding(workload, pod.origin, named);
      }
    }
  },
};

function namedNamespaces({ networkPolicies, workloads }: Cluster): ReadonlySet<string> {
  const objects = [...networkPolicies, ...workloads];
  return new Set(objects.flatMap(({ namespace }) => (namespace === UNNAMED ? [] : [namespace])));
}

/** True if there is a text, and no namespace in it: then the place of one is that of `metadata`. */
function namesNone(origin: Origin): boolean {
  const metadata = origin.position(["metadata"], "key");
  const namespace = origin.position(["metadata", "namespace"], "key");
  return metadata.line > 0 && comparePositions(metadata, namespace) === 0;
}

function policyFinding({ name, origin }: NetworkPolicy, named: ReadonlySet<string>): Finding {
  return findingOf("missing-namespace", {
    position: origin.position(["metadata"], "key"),
    object: `NetworkPolicy ${UNNAMED}/${name}`,
    message:
      "This policy names no namespace: it protects pods of whatever namespace kubectl is set to, and none of the others.",
    ...mend(origin, named),
  });
}

function workloadFinding(
  { kind, name }: ClusterWorkload,
  origin: Origin,
  named: ReadonlySet<string>,
): Finding {
  return findingOf("missing-namespace", {
    position: origin.position(["metadata"], "key"),
    object: `${kind} ${UNNAMED}/${name}`,
    message: `This ${kind} names no namespace: its pods run in whatever namespace kubectl is set to, and only policies of that one protect them.`,
    ...mend(origin, named),
  });
}

function mend(origin: Origin, named: ReadonlySet<string>): { readonly help: string; readonly fix?: Fix } {
  const [only] = named.size === 1 ? named : [];
  if (only === undefined) {
    return {
      help: "Add metadata.namespace, unless kustomize or kubectl -n sets it. Here it is read as default.",
    };
  }
  return {
    help: `Add namespace: ${only}, as the others have it, unless kustomize or kubectl -n sets it. Here it is read as default.`,
    fix: {
      title: `add namespace: ${only}`,
      safe: false,
      edits: [{ kind: "add-field", at: origin.position(["metadata"]), name: "namespace", value: only }],
    },
  };
}
