/**
 * Faults that others have made, one for each hard corner of what policies mean, put into the engine one at a time.
 * `npm run mutants` shows that the tests notice every one. `find` must occur exactly once in the file.
 */
export const MUTANTS = [
  {
    corner: "a podSelector alone reaches only the policy's own namespace",
    file: "src/policy/from-network-policy.ts",
    find: `? { kind: "name", name: namespace }`,
    replace: `? { kind: "selector", selector: {} }`,
  },
  {
    corner: "a named port is the destination pod's, and differs from pod to pod",
    file: "src/engine/row-evaluator.ts",
    find: `const portsId = look?.portsId ?? 0;`,
    replace: `const portsId = 0;`,
  },
  {
    corner: "endPort makes a range",
    file: "src/policy/from-network-policy.ts",
    find: `port.endPort ?? port.port`,
    replace: `port.port`,
  },
  {
    corner: "NotIn holds where the key is absent",
    file: "src/k8s/selector.ts",
    find: `return value === undefined || !(requirement.values`,
    replace: `return value !== undefined && !(requirement.values`,
  },
  {
    corner: "an except cuts only its own block, not another that overlaps it",
    file: "src/engine/row-rules.ts",
    find: `for (const block of rule.blocks) if (isAround(block, enclosing)) return true;`,
    replace: `if (rule.blocks.some((b) => b.except.some((e) => enclosing.includes(e)))) return false; for (const block of rule.blocks) if (isAround(block, enclosing)) return true;`,
  },
  {
    corner: "policyTypes that are missing imply Egress only where there is an egress rule",
    file: "src/policy/from-network-policy.ts",
    find: `egress: (spec.egress ?? []).length > 0`,
    replace: `egress: spec.egress !== undefined`,
  },
  {
    corner: "host-network pods are no pods to any policy",
    file: "src/engine/model.ts",
    find: `return !pod.hostNetwork && FAMILIES`,
    replace: `return FAMILIES`,
  },
  {
    corner: "finished pods take no part",
    file: "src/cluster/cluster-pod.ts",
    find: `return phase === "Succeeded" || phase === "Failed";`,
    replace: `return phase === "Succeeded";`,
  },
  {
    corner: "a dual-stack pair has a verdict for each family",
    file: "src/engine/row-cache.ts",
    find: `+ (family === 4 ? 0 : 2)`,
    replace: ``,
  },
  {
    corner: "a block matches the pods inside it by their addresses",
    file: "src/engine/row-evaluator.ts",
    find: `if (enclosing.find((outer) => named.has(outer)) !== home) elsewhere.push({ enclosing, classes });`,
    replace: ``,
  },
  {
    corner: "of equal priorities the name decides",
    file: "src/policy/policies.ts",
    find: `compareTexts(a.id, b.id) ||`,
    replace: `compareTexts(b.id, a.id) ||`,
  },
  {
    corner: "Pass in Baseline allows, as nothing comes after it",
    file: "src/engine/decide.ts",
    find: `else if (rule.action === "Pass") passed`,
    replace: `else if (rule.action === "Pass" && tier === "Admin") passed`,
  },
  {
    corner: "Pass in Admin leaves the tier past its later rules",
    file: "src/engine/decide.ts",
    find: `undecided = subtractPorts(undecided, rule.ports);`,
    replace: `if (rule.action !== "Pass") undecided = subtractPorts(undecided, rule.ports);`,
  },
  {
    corner: "the first rule that matches decides",
    file: "src/engine/decide.ts",
    find: `const decided = intersectPorts(undecided, rule.ports);`,
    replace: `const decided = rule.ports;`,
  },
  {
    corner: "an unknown matcher fails closed",
    file: "src/policy/cluster-policy-rule.ts",
    find: `return { ...head, action: "Deny", peers: "everyone", ports: "all", failsClosed: field };`,
    replace: `return { ...head, action, peers: [], ports: "all", failsClosed: field };`,
  },
  {
    corner: "a changed peer changes the rows that name it",
    file: "src/engine/row-cache.ts",
    find: `for (const entry of entriesByPolicy[direction].get(policy) ?? []) outdate(entry, podClass.index);`,
    replace: ``,
  },
  {
    corner: "pods that may do less stop before the address ranges",
    file: "src/dataplane/compile/chain-rules.ts",
    find: "lesser === undefined || ofRanges.length === 0 ? []",
    replace: "lesser === undefined || ofRanges.length >= 0 ? []",
  },
  {
    corner: "the tail of a chain denies what is left",
    file: "src/dataplane/compile/chain-rules.ts",
    find: "    ...ends.tail(),",
    replace: "",
  },
  {
    corner: "an element that goes is deleted",
    file: "src/dataplane/compile/row-plan.ts",
    find: "if (was && !is) deleted.push",
    replace: "if (was && !is && false) deleted.push",
  },
  {
    corner: "what everyone may do is no more than what some pods may",
    file: "src/dataplane/compile/row-plan.ts",
    find: "if (sum.count > 0) common = intersectPorts(common, ports);",
    replace: "",
  },
  {
    corner: "the families have sets of their own types",
    file: "src/dataplane/compile/frame.ts",
    find: 'return family === 4 ? "ipv4_addr" : "ipv6_addr";',
    replace: 'return "ipv4_addr";',
  },
  {
    corner: "what may leave is still judged where it enters, by a pod of the same node",
    file: "src/dataplane/compile/node-program.ts",
    find: 'pass: direction === "ingress" ? "accept" : "goto ingress",',
    replace: 'pass: "accept",',
  },
  {
    corner: "known addresses in the pod range are exempt",
    file: "src/dataplane/compile/local-pods.ts",
    find: 'if (isElsewhere) next.set(element, "");',
    replace: "",
  },
  {
    corner: "sets are shared only if they hold the same",
    file: "src/dataplane/compile/address-sum.ts",
    find: '(value >>> 0).toString(16).padStart(8, "0").slice(-digits)',
    replace: '(value & 0).toString(16).padStart(8, "0").slice(-digits)',
  },
  {
    corner: "a set that nobody needs is removed",
    file: "src/dataplane/compile/peer-sets.ts",
    find: "removedSets = [...byContents.values()].filter(({ name }) => !kept.has(name));",
    replace: "removedSets: PeerSet[] = [];",
  },
  {
    corner: "an audit chain passes only what policies in force allow",
    file: "src/dataplane/compile/node-program.ts",
    find: "tail: (match) => denyRules(config, direction, match),",
    replace: 'tail: (match) => [goto("audit_".concat(direction), match)],',
  },
];
