import { buildCluster } from "../../../src/cluster/build.ts";
import type { EnforcementConfig } from "../../../src/dataplane/config.ts";
import { nftablesKernel } from "../../../src/dataplane/kernel/nftables-kernel.ts";
import { createPolicyEngines, type PolicyEngines } from "../../../src/dataplane/policy-engines.ts";
import type { Program } from "../../../src/dataplane/program/program.ts";
import { configOfTable } from "../../../src/dataplane/verify/config-of.ts";
import type { Difference } from "../../../src/dataplane/verify/difference.ts";
import { verifyProgram } from "../../../src/dataplane/verify/verify.ts";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { createKubeClient } from "../../../src/source/kube/client.ts";
import { loadContext } from "../../../src/source/kube/kubeconfig.ts";
import { readCluster } from "../../../src/source/kube/read-cluster.ts";

/** What the API server holds now, judged by an engine that was made for it alone. */
export async function readModel(kubeconfig: string): Promise<PolicyEngines> {
  const client = createKubeClient(await loadContext({ kubeconfig }));
  try {
    const { objects } = await readCluster(client);
    return createPolicyEngines(buildCluster(objects, { unaddressed: "left-out" }).cluster);
  } finally {
    client.close();
  }
}

/** What the kernel of a node holds. */
export async function readKernel(network: LabNetwork, node: string): Promise<Program> {
  const kernel = nftablesKernel(node, network.namespaceOf(`node:${node}`));
  try {
    return await kernel.read();
  } finally {
    kernel.close();
  }
}

/** In what the kernel of a node differs from a model. */
export async function kernelDifferences(
  network: LabNetwork,
  node: string,
  { engine, unaudited }: PolicyEngines,
  how: Partial<Pick<EnforcementConfig, "audit" | "closedAtBirth">> = {},
): Promise<readonly Difference[]> {
  const kernel = await readKernel(network, node);
  return verifyProgram(kernel, engine, node, {
    config: configOfTable(kernel, { audit: false, closedAtBirth: true, ...how }),
    ...(unaudited === undefined ? {} : { unaudited }),
  });
}
