import { type CommandResult, runInNamespace } from "../linux/command.ts";
import { openNetlink } from "../linux/netlink.ts";
import { createNamespace, deleteNamespace, type Namespace } from "../linux/netns.ts";
import { createReactor, type Reactor } from "../linux/reactor.ts";
import { addressOf } from "../linux/sockaddr.ts";
import { type Address, type Family, formatAddress, parseAddress } from "../net/address.ts";
import { addAddress, addRoute, deleteAddress, deleteLinks, deleteRoute, linkUp } from "./links.ts";
import { readdressNode } from "./readdress.ts";
import { createServers, type Servers } from "./servers.ts";
import { settleAddresses } from "./settle.ts";
import { setNamespaceSysctls } from "./sysctl.ts";
import { type LabNode, type LabPod, type LabTopology, validateTopology } from "./topology.ts";
import { GUEST_INDEX, guestOf, type Host, joinGuest, kernelFamilies, type Wire } from "./wire.ts";

/** Something that can send and be reached: a pod, a node, an external host. */
export interface Endpoint {
  readonly namespace: Namespace;
  /** At most one address per family. */
  readonly addresses: readonly Address[];
}

/** The running network. All of it is gone when the process ends, however it ends. */
export interface LabNetwork {
  /**
   * Brings the network to a new topology; what stays the same keeps its sockets, rules and connections. If it
   * rejects because the topology contradicts itself nothing has changed; if the kernel refused, a part may have.
   */
  update(topology: LabTopology): Promise<void>;
  /** The namespace of a pod (`shop/db-0`), a node (`node:NAME`) or an external host (its address). */
  namespaceOf(id: string): Namespace;
  /** As {@link namespaceOf}, with the addresses it sends from; undefined if there is no such endpoint. */
  endpoint(id: string): Endpoint | undefined;
  /** Ids of all pods with the names of their namespaces, as `ip netns` shows them. */
  podNamespaces(): Record<string, string>;
  /** Runs a program, such as `nft`, in a node's namespace. */
  runInNode(node: string, argv: readonly string[], stdin?: string): Promise<CommandResult>;
  readonly reactor: Reactor;
  readonly servers: Servers;
  close(): Promise<void>;
}

interface Guest {
  readonly key: string;
  readonly namespace: Namespace;
  readonly addresses: readonly Address[];
  readonly wire: Wire;
}

interface NodeState extends Host, Guest {}

interface PodState {
  readonly key: string;
  readonly pod: LabPod;
  readonly guest: Guest | undefined;
}

/**
 * Builds the network of a topology from namespaces of this process. Must run inside the sandbox.
 * Throws an Error that names the thing if the topology contradicts itself, a SyscallError if the kernel refuses.
 */
export async function createNetwork(topology: LabTopology): Promise<LabNetwork> {
  const reactor = createReactor();
  const servers = createServers(reactor);
  const nodes = new Map<string, NodeState>();
  const pods = new Map<string, PodState>();
  const externals = new Map<string, Address>();
  /** Endpoints whose addresses may not be usable yet. */
  const arrived: Endpoint[] = [];
  let counter = 0;
  const fabric = startHost("fabric", []);
  const outside = startGuest(fabric, "outside", "outside", [], false);
  const outsideNetlink = openNetlink(outside.namespace);
  // Whatever is neither pod nor node is outside.
  fabric.netlink.send(
    kernelFamilies().map((family) =>
      addRoute({ family, device: outside.wire.index, gateway: guestOf(family) }),
    ),
  );

  function startNamespace(name: string, forwarding: boolean): Namespace {
    const namespace = createNamespace(name);
    setNamespaceSysctls(namespace, forwarding);
    return namespace;
  }

  function startHost(name: string, addresses: readonly Address[]): Host {
    const namespace = startNamespace(name, true);
    const netlink = openNetlink(namespace);
    netlink.send([linkUp(1)]);
    return { namespace, netlink, addresses };
  }

  function startGuest(
    host: Host,
    key: string,
    name: string,
    addresses: Address[],
    forwarding: boolean,
  ): Guest {
    const namespace = startNamespace(name, forwarding);
    arrived.push({ namespace, addresses });
    return { key, namespace, addresses, wire: joinGuest(host, namespace, counter++, addresses) };
  }

  function addNode(node: LabNode): void {
    const addresses = node.addresses.map(addressOf);
    const guest = startGuest(fabric, nodeKey(node), `node-${counter}`, addresses, true);
    const netlink = openNetlink(guest.namespace);
    // A node without an IPv4 address still has to have one to send ICMP errors from.
    if (!addresses.some((address) => address.family === 4)) {
      netlink.send([addAddress(GUEST_INDEX, guestOf(4), 32)]);
    }
    nodes.set(node.name, { ...guest, netlink });
  }

  function readdress(node: LabNode, state: NodeState): void {
    const addresses = node.addresses.map(addressOf);
    const guests = [...pods.values()].flatMap(({ pod, guest }) =>
      guest === undefined || pod.node !== node.name ? [] : [guest],
    );
    readdressNode(fabric, { ...state, guests }, addresses);
    // What answers at an address does so at the new ones, when ports are served again.
    servers.withdraw(state.namespace);
    arrived.push({ namespace: state.namespace, addresses });
    nodes.set(node.name, { ...state, key: nodeKey(node), addresses });
  }

  function addPod(pod: LabPod): void {
    const node = nodes.get(pod.node)!;
    if (pod.hostNetwork) {
      pods.set(pod.id, { key: podKey(pod), pod, guest: undefined });
      return;
    }
    const addresses = pod.addresses.map(addressOf);
    const guest = startGuest(node, podKey(pod), `pod-${counter}`, addresses, false);
    fabric.netlink.send(addresses.map((address) => addRoute(fabricRoute(node, address))));
    pods.set(pod.id, { key: guest.key, pod, guest });
  }

  function removeGuests(host: Host, guests: readonly Guest[]): void {
    host.netlink.send(deleteLinks(guests.map((guest) => guest.wire.index)));
    for (const { namespace } of guests) {
      servers.withdraw(namespace);
      deleteNamespace(namespace);
    }
  }

  function removePods(ids: readonly string[]): void {
    const guests = new Map<NodeState, Guest[]>();
    for (const id of ids) {
      const { pod, guest } = pods.get(id)!;
      pods.delete(id);
      if (guest === undefined) continue;
      const node = nodes.get(pod.node)!;
      fabric.netlink.send(guest.addresses.map((address) => deleteRoute(fabricRoute(node, address))));
      guests.set(node, [...(guests.get(node) ?? []), guest]);
    }
    for (const [node, ofNode] of guests) removeGuests(node, ofNode);
  }

  function updateExternals(wanted: LabTopology["externals"]): void {
    const next = new Map(
      wanted.map(({ address }) => [formatAddress(addressOf(address)), addressOf(address)]),
    );
    const bits = (address: Address): number => (address.family === 4 ? 32 : 128);
    const gone = [...externals].filter(([key]) => !next.has(key));
    const come = [...next].filter(([key]) => !externals.has(key));
    outsideNetlink.send([
      ...gone.map(([, address]) => deleteAddress(GUEST_INDEX, address, bits(address))),
      ...come.map(([, address]) => addAddress(GUEST_INDEX, address, bits(address))),
    ]);
    if (gone.length > 0) servers.withdraw(outside.namespace);
    for (const [key] of gone) externals.delete(key);
    for (const [key, address] of come) externals.set(key, address);
  }

  function updateServers(): void {
    const hostPorts = new Map<string, LabPod["ports"][number][]>();
    for (const { pod, guest } of pods.values()) {
      if (guest !== undefined) servers.serve(guest.namespace, guest.addresses, pod.ports);
      else hostPorts.set(pod.node, [...(hostPorts.get(pod.node) ?? []), ...pod.ports]);
    }
    for (const [name, node] of nodes)
      servers.serve(node.namespace, node.addresses, hostPorts.get(name) ?? []);
  }

  async function apply(next: LabTopology): Promise<void> {
    validateTopology(next);
    arrived.length = 0;
    const wantedNodes = new Set(next.nodes.map(({ name }) => name));
    const keeps = (name: string): boolean => wantedNodes.has(name);
    const wantedPods = new Map(next.pods.map((pod) => [pod.id, pod]));
    const gone: string[] = [];
    for (const [id, state] of pods) {
      const pod = wantedPods.get(id);
      if (pod === undefined || podKey(pod) !== state.key || !keeps(state.pod.node)) gone.push(id);
      else pods.set(id, { ...state, pod });
    }
    removePods(gone);
    const goneNodes = [...nodes].filter(([name]) => !keeps(name));
    for (const [name, node] of goneNodes) {
      node.netlink.close();
      nodes.delete(name);
    }
    removeGuests(
      fabric,
      goneNodes.map(([, node]) => node),
    );
    // Before pods come: an address may change hands.
    updateExternals(next.externals);
    for (const node of next.nodes) {
      const state = nodes.get(node.name);
      if (state === undefined) addNode(node);
      else if (state.key !== nodeKey(node)) readdress(node, state);
    }
    for (const pod of next.pods) if (!pods.has(pod.id)) addPod(pod);
    updateServers();
    await settleAddresses([...arrived, { namespace: outside.namespace, addresses: [...externals.values()] }]);
  }

  function endpoint(id: string): Endpoint | undefined {
    if (id.startsWith("node:")) return nodes.get(id.slice(5));
    const pod = pods.get(id);
    if (pod !== undefined) return pod.guest ?? nodes.get(pod.pod.node);
    const parsed = parseAddress(id);
    const address = parsed === undefined ? undefined : externals.get(formatAddress(parsed));
    return address === undefined ? undefined : { namespace: outside.namespace, addresses: [address] };
  }

  function shutDown(): void {
    servers.close();
    for (const netlink of [outsideNetlink, fabric.netlink]) netlink.close();
    for (const { guest } of pods.values()) if (guest !== undefined) deleteNamespace(guest.namespace);
    for (const node of nodes.values()) {
      node.netlink.close();
      deleteNamespace(node.namespace);
    }
    deleteNamespace(outside.namespace);
    deleteNamespace(fabric.namespace);
    reactor.close();
  }

  try {
    await apply(topology);
  } catch (error) {
    shutDown();
    throw error;
  }

  let updating: Promise<void> = Promise.resolve();
  return {
    update(next) {
      // One after the other, also if the caller does not wait; a failed one does not stop the next.
      updating = updating.then(
        () => apply(next),
        () => apply(next),
      );
      return updating;
    },
    namespaceOf(id) {
      const found = endpoint(id);
      if (found === undefined) throw new Error(`the lab has no pod, node or external host "${id}"`);
      return found.namespace;
    },
    endpoint,
    podNamespaces() {
      const names: Record<string, string> = {};
      for (const id of pods.keys()) names[id] = endpoint(id)!.namespace.name;
      return names;
    },
    async runInNode(name, argv, stdin) {
      const node = nodes.get(name);
      if (node === undefined) throw new Error(`the lab has no node "${name}"`);
      return runInNamespace(node.namespace, argv, stdin);
    },
    reactor,
    servers,
    async close() {
      shutDown();
    },
  };
}

/** What the fabric needs to reach a pod: the pod's node as next hop. */
function fabricRoute(node: NodeState, destination: Address): Parameters<typeof addRoute>[0] {
  const { family } = destination;
  return { family, destination, device: node.wire.index, gateway: guestOf(family) };
}

function nodeKey(node: LabNode): string {
  return JSON.stringify(node.addresses);
}

function podKey(pod: LabPod): string {
  return JSON.stringify([pod.node, pod.hostNetwork, pod.hostNetwork ? [] : pod.addresses]);
}

/** The address of a family that an endpoint sends from. */
export function addressOfFamily(endpoint: Endpoint, family: Family): Address | undefined {
  return endpoint.addresses.find((address) => address.family === family);
}
