import type { FamilyAccess, OutsideAccess } from "../analysis/outside-access.ts";
import type {
  BackendTarget,
  Published,
  PublishedBackend,
  PublishedIngress,
  PublishedPort,
  PublishedService,
} from "../analysis/published.ts";
import type { ClusterPod } from "../cluster/cluster.ts";
import { blocksText } from "./exposure-words.ts";
import type { Style } from "./style.ts";

/** One way in: what is asked for, where it leads, and what comes of it. */
interface Way {
  readonly asked: string;
  readonly leads: string;
  readonly outcome: string;
  readonly colour: "green" | "red" | "yellow" | "dim";
}

/** What the cluster publishes, as lines; none if it publishes nothing. */
export function publishedLines({ services, ingresses }: Published, style: Style): string[] {
  if (services.length + ingresses.length === 0) return [];
  return [
    style.bold(
      "Published to the outside, as Services and Ingresses tell (derived: nothing here is measured)",
    ),
    ...services.flatMap((service) => serviceLines(service, style)),
    ...ingresses.flatMap((ingress) => ingressLines(ingress, style)),
  ];
}

function serviceLines(published: PublishedService, style: Style): string[] {
  const { service, pods, ports } = published;
  const where = [service.type === "ClusterIP" ? "external IPs" : service.type];
  where.push(...service.loadBalancer, ...service.externalIPs);
  const ways = pods.length === 0 ? [] : ports.flatMap((port) => portWays(port, service.namespace));
  return [
    `  service ${style.cyan(`${service.namespace}/${service.name}`)} (${where.join(" ")})`,
    ...(pods.length === 0 ? [`    ${style.dim(noPodsText(published))}`] : []),
    ...wayLines(ways, style),
    ...serviceNotes(published).map((note) => `    ${style.dim(note)}`),
  ];
}

function noPodsText({ service }: PublishedService): string {
  return service.selector === undefined || Object.keys(service.selector).length === 0
    ? "it has no selector: where it leads is not in the input"
    : "its selector matches no pod";
}

function portWays({ port, targets }: PublishedPort, home: string): Way[] {
  const asked = `${port.protocol} ${port.port}${port.nodePort === undefined ? "" : ` (node port ${port.nodePort})`}`;
  return targets.map(({ pods, port: target, access }) => {
    const pod = podsText(pods, home);
    if (target === undefined || access === undefined) {
      return {
        asked,
        leads: pod,
        outcome: `leads nowhere: no ${port.protocol} port named ${port.targetPort} there`,
        colour: "dim",
      };
    }
    return { asked, leads: `${pod} ${port.protocol} ${target}`, ...accessWords(access) };
  });
}

function accessWords({ families }: OutsideAccess): Pick<Way, "outcome" | "colour"> {
  const words = families.map(familyWords);
  const [first] = words;
  if (first === undefined) return { outcome: "no address to be reached at", colour: "dim" };
  if (words.every(({ outcome }) => outcome === first.outcome)) return first;
  const texts = words.map(({ outcome }, index) => `${outcome} (IPv${families[index]!.family})`);
  return { outcome: texts.join(", "), colour: "yellow" };
}

function familyWords({ outside, ranges }: FamilyAccess): Pick<Way, "outcome" | "colour"> {
  switch (outside) {
    case "all":
      return { outcome: "allowed from anywhere", colour: "yellow" };
    case "none":
      return { outcome: "blocked by policies", colour: "green" };
    case "some":
      return { outcome: `allowed only from ${blocksText(ranges)}`, colour: "yellow" };
  }
}

function serviceNotes({ service, ports }: PublishedService): string[] {
  const notes: string[] = [];
  if (service.loadBalancerSourceRanges.length > 0) {
    notes.push(
      `the load balancer is asked to admit only ${service.loadBalancerSourceRanges.join(", ")} (loadBalancerSourceRanges)`,
    );
  }
  const accesses = ports.flatMap(({ targets }) => targets.flatMap(({ access }) => access ?? []));
  const isLimited = accesses.some(({ families }) => families.some(({ outside }) => outside !== "all"));
  if (service.externalTrafficPolicy === "Cluster" && isLimited) {
    const nodes = [...new Set(accesses.map((access) => access.nodes))];
    notes.push(
      `externalTrafficPolicy Cluster: policies may see the address of a node instead of the client's${nodesWords(nodes)}`,
    );
  }
  return notes;
}

function nodesWords(nodes: readonly OutsideAccess["nodes"][]): string {
  const [first] = nodes;
  if (first === undefined) return "";
  if (nodes.length > 1) return "; whether they let nodes through depends on the port";
  if (first === "some") return "; they let some nodes through";
  return first === "all" ? "; they let every node through" : "; they let no other node through";
}

function ingressLines({ ingress, controller, backends }: PublishedIngress, style: Style): string[] {
  const className = ingress.className === undefined ? "no class" : `class ${ingress.className}`;
  const home = ingress.namespace;
  const who =
    controller.pods.length === 0
      ? `its controller${controller.name === undefined ? "" : ` ${controller.name}`} is not in the input`
      : `controller ${podsText(controller.pods, home)}`;
  return [
    `  ingress ${style.cyan(`${home}/${ingress.name}`)} (${className}; ${who})`,
    ...wayLines(
      backends.flatMap((backend) => backendWays(backend, home)),
      style,
    ),
  ];
}

function backendWays(
  { backend, servicePort, isServiceKnown, targets }: PublishedBackend,
  home: string,
): Way[] {
  const { host, path, service, port } = backend;
  const asked = `${host ?? "any host"}${path ?? ""}`;
  if (servicePort === undefined) {
    const missing = isServiceKnown
      ? `service ${service} has no port ${port}`
      : `service ${service} is not in the input`;
    return [{ asked, leads: `${service}:${port}`, outcome: `leads nowhere: ${missing}`, colour: "dim" }];
  }
  if (targets.length === 0) {
    const outcome = "leads nowhere: its service matches no pod";
    return [{ asked, leads: `${service}:${port}`, outcome, colour: "dim" }];
  }
  return targets.map((target): Way => {
    const { protocol, targetPort } = servicePort;
    const pods = podsText(target.pods, home);
    if (target.port === undefined) {
      const outcome = `leads nowhere: no ${protocol} port named ${targetPort} there`;
      return { asked, leads: pods, outcome, colour: "dim" };
    }
    return { asked, leads: `${pods} ${protocol} ${target.port}`, ...controllerWords(target) };
  });
}

function controllerWords({ access }: BackendTarget): Pick<Way, "outcome" | "colour"> {
  switch (access) {
    case "all":
      return { outcome: "allowed from the controller", colour: "yellow" };
    case "some":
      return { outcome: "allowed from some of the controller's pods", colour: "yellow" };
    case "none":
      return { outcome: "blocked by policies: the controller cannot reach it", colour: "green" };
    case undefined:
      return { outcome: "not known: it depends on the controller's pods", colour: "dim" };
  }
}

function wayLines(ways: readonly Way[], style: Style): string[] {
  const askedWidth = Math.max(0, ...ways.map(({ asked }) => asked.length));
  const leadsWidth = Math.max(0, ...ways.map(({ leads }) => leads.length));
  return ways.map(
    ({ asked, leads, outcome, colour }) =>
      `    ${asked.padEnd(askedWidth)} -> ${leads.padEnd(leadsWidth)}  ${style[colour](outcome)}`,
  );
}

/** The workloads of pods, as seen from a namespace. */
function podsText(pods: readonly ClusterPod[], home: string): string {
  const names = pods.map((pod) => {
    const name = pod.workload.replace(/\[.*$/, "");
    return pod.namespace === home ? name.slice(home.length + 1) : name;
  });
  return [...new Set(names)].join(", ");
}
