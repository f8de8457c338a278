import type { Fix } from "../../../k8s/fix.ts";
import type { LabelSelector } from "../../../k8s/objects.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import { DNS_LABELS, DNS_NAMESPACE, DNS_PORT } from "./dns.ts";

/** A policy that lets the pods of other policies ask for names, at the end of the file of the first. */
export function dnsFix(
  context: CheckContext,
  namespace: string,
  policies: readonly [Policy, ...Policy[]] | readonly Policy[],
): Fix | undefined {
  const [first] = policies;
  // One policy for pods that others select could isolate pods that nobody isolates now: one each, then.
  if (first === undefined || policies.length > 3 || first.origin.position(["spec"]).line === 0)
    return undefined;
  const taken = new Set(context.engine.policiesIn(namespace).map(({ id }) => id.slice(id.indexOf("/") + 1)));
  const selectors = policies.map(({ subject }) => subject.pods);
  return {
    title: `add ${policies.length === 1 ? "a policy" : "policies"} that allow${policies.length === 1 ? "s" : ""} DNS`,
    safe: false,
    edits: selectors.map((podSelector) => ({
      kind: "append-document",
      file: first.origin.file,
      value: dnsPolicy(namespace, freeName(taken), podSelector),
    })),
  };
}

function freeName(taken: Set<string>): string {
  let name = "allow-dns";
  for (let count = 2; taken.has(name); count++) name = `allow-dns-${count}`;
  taken.add(name);
  return name;
}

function dnsPolicy(namespace: string, name: string, podSelector: LabelSelector): unknown {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: {
      podSelector,
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": DNS_NAMESPACE } },
              podSelector: { matchLabels: { ...DNS_LABELS } },
            },
          ],
          ports: [
            { protocol: "UDP", port: DNS_PORT },
            { protocol: "TCP", port: DNS_PORT },
          ],
        },
      ],
    },
  };
}
