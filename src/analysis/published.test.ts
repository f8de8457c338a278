import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { nodeObject, ORIGIN, podObject, policyObject } from "../cluster/objects.fixture.ts";
import { createEngine } from "../engine/engine.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import type { Ingress, IngressClass, Service } from "../k8s/published-objects.ts";
import { formatRangeShort } from "../net/address-partition.ts";
import { type Published, type PublishedPort, published } from "./published.ts";

function service(name: string, more: Partial<Service> = {}): Service {
  return {
    kind: "Service",
    namespace: "shop",
    name,
    type: "LoadBalancer",
    selector: { app: name },
    ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: "http" }],
    clusterIPs: [],
    externalIPs: [],
    loadBalancerSourceRanges: [],
    externalTrafficPolicy: "Cluster",
    loadBalancer: [],
    origin: ORIGIN,
    ...more,
  };
}

function ingress(more: Partial<Ingress> = {}): Ingress {
  return {
    kind: "Ingress",
    namespace: "shop",
    name: "site",
    className: "nginx",
    backends: [{ service: "web", port: 80 }],
    origin: ORIGIN,
    ...more,
  };
}

const nginxClass: IngressClass = {
  kind: "IngressClass",
  name: "nginx",
  controller: "k8s.io/ingress-nginx",
  origin: ORIGIN,
};

function publishedBy(...objects: KubernetesObject[]): Published {
  const http = (port: number) => [{ name: "http", port, protocol: "TCP" } as const];
  const { cluster, findings } = buildCluster([
    nodeObject("n1", "172.18.0.2"),
    nodeObject("n2", "172.18.0.3"),
    podObject("web-0", {
      labels: { app: "web" },
      ports: http(8080),
      nodeName: "n1",
      addresses: ["10.1.0.1"],
    }),
    podObject("web-1", {
      labels: { app: "web" },
      ports: http(9090),
      nodeName: "n2",
      addresses: ["10.1.0.2"],
    }),
    podObject("db", { labels: { app: "db" }, nodeName: "n2", addresses: ["10.1.0.3"] }),
    ...objects,
  ]);
  expect(findings).toEqual([]);
  return published(createEngine(cluster));
}

/** Each way as `pods port: outcome`. */
function ways({ targets }: PublishedPort): string[] {
  return targets.map(({ pods, port, access }) => {
    const outcome = access?.families.map(({ outside, ranges }) =>
      [outside, ...ranges.map(formatRangeShort)].join(" "),
    );
    return `${pods.map(({ name }) => name).join(" ")} ${port}: ${outcome?.join(", ")}; nodes ${access?.nodes}`;
  });
}

const fromBlock = policyObject("block", {
  podSelector: { matchLabels: { app: "web" } },
  ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ port: 8080 }] }],
});

describe("services", () => {
  it("lead to the port of that name on each pod", () => {
    const [web] = publishedBy(service("web")).services;
    expect(web!.pods.map(({ name }) => name)).toEqual(["web-0", "web-1"]);
    expect(ways(web!.ports[0]!)).toEqual(["web-0 8080: all; nodes all", "web-1 9090: all; nodes all"]);
  });

  it("are judged by the policies of the pods, after the translation of ports", () => {
    const [web] = publishedBy(service("web"), fromBlock).services;
    expect(ways(web!.ports[0]!)).toEqual([
      "web-0 8080: some 203.0.113.0/24; nodes none",
      "web-1 9090: none; nodes none",
    ]);
  });

  it("may be let through from nodes alone", () => {
    const nodes = policyObject("nodes", { ingress: [{ from: [{ ipBlock: { cidr: "172.18.0.3/32" } }] }] });
    const [web] = publishedBy(service("web"), nodes).services;
    expect(ways(web!.ports[0]!)).toEqual([
      "web-0 8080: some 172.18.0.3/32; nodes all",
      "web-1 9090: some 172.18.0.3/32; nodes none",
    ]);
  });

  it("lead nowhere where no pod has a port of the name", () => {
    const [db] = publishedBy(service("db")).services;
    expect(ways(db!.ports[0]!)).toEqual(["db undefined: undefined; nodes undefined"]);
  });

  it("lead to numbers as they are", () => {
    const ports = [{ protocol: "TCP" as const, port: 80, targetPort: 3306 }];
    const [db] = publishedBy(service("db", { type: "NodePort", ports })).services;
    expect(ways(db!.ports[0]!)).toEqual(["db 3306: all; nodes all"]);
  });

  it("are left out if they are for the inside, unless they have external addresses", () => {
    const { services } = publishedBy(
      service("web", { type: "ClusterIP" }),
      service("db", { type: "ClusterIP", externalIPs: ["198.51.100.1"] }),
    );
    expect(services.map((each) => each.service.name)).toEqual(["db"]);
  });

  it("have no pods where they have no selector, in another namespace, or without a match", () => {
    const { selector: _none, ...bare } = service("bare");
    const { services } = publishedBy(
      bare,
      service("empty", { selector: {} }),
      service("web", { namespace: "ops" }),
      service("other"),
    );
    expect(services.map(({ pods }) => pods)).toEqual([[], [], [], []]);
  });

  it("reach pods on the network of their node whatever the policies say", () => {
    const agent = podObject("agent", { labels: { app: "agent" }, hostNetwork: true, nodeName: "n1" });
    const deny = policyObject("deny", { policyTypes: ["Ingress"] });
    const ports = [{ protocol: "TCP" as const, port: 80, targetPort: 80 }];
    const [found] = publishedBy(service("agent", { ports }), agent, deny).services;
    expect(ways(found!.ports[0]!)).toEqual(["agent 80: all; nodes all"]);
  });
});

describe("ingresses", () => {
  const controller = podObject("nginx", {
    namespace: "ingress-nginx",
    labels: { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" },
  });
  const webhook = podObject("webhook", {
    namespace: "ingress-nginx",
    labels: { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "admission-webhook" },
  });
  const inside = service("web", { type: "ClusterIP" });

  it("do not tell who may reach the pods where the controller is not there", () => {
    const [site] = publishedBy(ingress(), inside).ingresses;
    expect(site!.controller).toEqual({ name: undefined, pods: [] });
    expect(site!.backends[0]!.targets.map(({ port, access }) => [port, access])).toEqual([
      [8080, undefined],
      [9090, undefined],
    ]);
  });

  it("are reached by the pods of their controller, if policies let them", () => {
    const objects = [ingress(), inside, controller, webhook, nginxClass];
    const [open] = publishedBy(...objects).ingresses;
    expect(open!.controller.name).toBe("k8s.io/ingress-nginx");
    expect(open!.controller.pods.map(({ name }) => name)).toEqual(["nginx"]);
    expect(open!.backends[0]!.targets.map(({ access }) => access)).toEqual(["all", "all"]);
    const [closed] = publishedBy(...objects, policyObject("deny", { policyTypes: ["Ingress"] })).ingresses;
    expect(closed!.backends[0]!.targets.map(({ access }) => access)).toEqual(["none", "none"]);
  });

  it("are not taken to be those of another controller", () => {
    const traefik: IngressClass = { ...nginxClass, controller: "traefik.io/ingress-controller" };
    const [site] = publishedBy(ingress(), inside, controller, traefik).ingresses;
    expect(site!.controller).toEqual({ name: "traefik.io/ingress-controller", pods: [] });
  });

  it("name services and ports that may not be there", () => {
    const backends = [
      { service: "gone", port: 80 },
      { service: "web", port: 81 },
      { service: "web", port: "http" },
    ];
    const [site] = publishedBy(ingress({ backends }), inside).ingresses;
    expect(
      site!.backends.map(({ isServiceKnown, servicePort, targets }) => [
        isServiceKnown,
        servicePort?.port,
        targets.length,
      ]),
    ).toEqual([
      [false, undefined, 0],
      [true, undefined, 0],
      [true, 80, 2],
    ]);
  });
});

it("is nothing without such objects", () => {
  expect(publishedBy()).toEqual({ services: [], ingresses: [] });
});
