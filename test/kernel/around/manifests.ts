/** A node with these addresses. */
export function node(name: string, ...addresses: string[]): string {
  return `---
apiVersion: v1
kind: Node
metadata: {name: ${name}}
status: {addresses: [${addresses.map((address) => `{type: InternalIP, address: "${address}"}`).join(", ")}]}
`;
}

/** A pod of the namespace `shop` that listens on `TCP/80`, `UDP/53`..., labelled with its name and its role. */
export function pod(
  name: string,
  role: string,
  nodeName: string,
  addresses: readonly string[],
  ...ports: string[]
): string {
  const list = ports.map((port) => {
    const [protocol, number] = port.split("/");
    return `{containerPort: ${number}, protocol: ${protocol}}`;
  });
  return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {name: ${name}, role: ${role}}}
spec: {nodeName: ${nodeName}, containers: [{name: main, image: example.com/app, ports: [${list.join(", ")}]}]}
status: {podIPs: [${addresses.map((address) => `{ip: "${address}"}`).join(", ")}]}
`;
}

/** A host-network pod, which has the addresses of its node. */
export function hostPod(name: string, role: string, nodeName: string, ...ports: string[]): string {
  return pod(name, role, nodeName, [], ...ports)
    .replace("spec: {", "spec: {hostNetwork: true, ")
    .replace(/^status:.*\n/m, "");
}

/**
 * A NetworkPolicy of the namespace `shop` about the pods of a role. `rules` in YAML's flow style:
 * `{ingress: [...], policyTypes: [Ingress]}`.
 */
export function policy(name: string, role: string, rules: string): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {role: ${role}}}, ${rules.replace(/^\{/, "")}
`;
}

/** The policy that lets nothing in and nothing out. */
export function denyAll(role: string): string {
  return policy(`deny-${role}`, role, "{policyTypes: [Ingress, Egress]}");
}
