import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildHelm, kubernetesVersion } from "./helm.mjs";
import { isMain, root } from "./run.mjs";

const NAMESPACE = "podwall-system";

const HEAD = `# Written by scripts/manifests.mjs from the chart in deploy/chart/podwall: change it there.
# To be done first: name your own image below (docs/install.md).
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    app.kubernetes.io/name: podwall
    # The agent is in the node's network and keeps a folder there, which the other levels do not allow.
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/audit: privileged
    pod-security.kubernetes.io/warn: privileged
`;

/** The text of deploy/manifests/podwall.yaml: the namespace, and the chart with its defaults. */
function plainManifests(helm) {
  const args = ["template", "podwall", join(root, "deploy/chart/podwall"), "--namespace", NAMESPACE];
  const done = spawnSync(helm, [...args, "--kube-version", kubernetesVersion()], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`helm template: ${done.error?.message ?? done.stderr.trim()}`);
  return HEAD + done.stdout.replace(/^# Source: .*\n/gm, "");
}

/** `--print` prints the text instead of writing it. */
function main(args) {
  const helm = buildHelm();
  if (helm === undefined) return 1;
  if (args.includes("--print")) process.stdout.write(plainManifests(helm));
  else writeFileSync(join(root, "deploy/manifests/podwall.yaml"), plainManifests(helm));
  return 0;
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2));
