import { describe, expect, it } from "vitest";
import { type ParsedManifests, parseManifests } from "./manifests.ts";

function parse(...texts: string[]): ParsedManifests {
  return parseManifests(texts.map((text, index) => ({ file: `${index}.yaml`, text })));
}

/** The only object, without its place. */
function only(text: string): object {
  const { objects, findings } = parse(text);
  expect(findings).toEqual([]);
  const [{ origin: _none, ...object }] = objects as [ParsedManifests["objects"][number]];
  return object;
}

describe("Service", () => {
  it("is read with its defaults", () => {
    expect(
      only("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}"),
    ).toEqual({
      kind: "Service",
      namespace: "default",
      name: "web",
      type: "ClusterIP",
      ports: [{ protocol: "TCP", port: 80, targetPort: 80 }],
      clusterIPs: [],
      externalIPs: [],
      loadBalancerSourceRanges: [],
      externalTrafficPolicy: "Cluster",
      loadBalancer: [],
    });
  });

  it("is read as a cluster prints it", () => {
    expect(
      only(`
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {a: b}}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.10
  clusterIPs: [10.96.0.10]
  internalTrafficPolicy: Cluster
  externalTrafficPolicy: Local
  externalIPs: [198.51.100.7]
  loadBalancerSourceRanges: [203.0.113.0/24]
  selector: {app: web}
  ports:
  - {name: http, protocol: TCP, port: 80, targetPort: http, nodePort: 30080}
  - {name: dns, protocol: UDP, port: 53, targetPort: 5353, nodePort: 0}
status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example.com}]}}
`),
    ).toEqual({
      kind: "Service",
      namespace: "shop",
      name: "web",
      type: "LoadBalancer",
      selector: { app: "web" },
      ports: [
        { name: "http", protocol: "TCP", port: 80, targetPort: "http", nodePort: 30080 },
        { name: "dns", protocol: "UDP", port: 53, targetPort: 5353 },
      ],
      clusterIPs: ["10.96.0.10"],
      externalIPs: ["198.51.100.7"],
      loadBalancerSourceRanges: ["203.0.113.0/24"],
      externalTrafficPolicy: "Local",
      loadBalancer: ["192.0.2.1", "lb.example.com"],
    });
  });

  it.each([
    ["clusterIP: 10.96.0.10", ["10.96.0.10"]],
    ["{clusterIP: None, clusterIPs: [None]}", ["None"]],
    ['clusterIP: ""', []],
    ["{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, 'fd00:10:96::00a']}", ["10.96.0.10", "fd00:10:96::a"]],
  ])("has the addresses of %s", (fields, clusterIPs) => {
    const spec = fields.startsWith("{") ? fields : `{${fields}}`;
    const service = only(`{apiVersion: v1, kind: Service, metadata: {name: web}, spec: ${spec}}`);
    expect(service).toMatchObject({ clusterIPs });
  });

  it.each([
    ["type: Loadbalancer", "unknown-value"],
    ["selector: {app: 1}", "label-not-string"],
    ['ports: [{port: "80"}]', "wrong-type"],
    ["ports: [{port: 99999}]", "bad-port"],
    ["ports: [{port: 80, protocol: ICMP}]", "unknown-protocol"],
    ["externalIPs: [nowhere]", "bad-address"],
    ["clusterIPs: [10.96.0.10, nowhere]", "bad-address"],
    ["loadBalancerSourceRanges: [10.0.0.0/99]", "bad-cidr"],
    ["ports: 80", "wrong-type"],
  ])("is left out with a warning for %s", (spec, code) => {
    const { objects, findings } = parse(
      `{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {${spec}}}`,
    );
    expect(objects).toEqual([]);
    expect(findings).toMatchObject([{ code, severity: "warning", object: "Service default/web" }]);
    expect(findings[0]!.message).toContain("What this Service publishes is not known.");
  });
});

describe("Ingress", () => {
  it("is read with the backends of its paths, the default one first", () => {
    expect(
      only(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site, namespace: shop}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.example.com], secretName: cert}]
  defaultBackend: {service: {name: front, port: {number: 80}}}
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}
      - {path: /pictures, pathType: Prefix, backend: {resource: {kind: Bucket, name: pictures}}}
  - http: {paths: [{pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]}
`),
    ).toEqual({
      kind: "Ingress",
      namespace: "shop",
      name: "site",
      className: "nginx",
      backends: [
        { service: "front", port: 80 },
        { host: "shop.example.com", path: "/api", service: "api", port: "http" },
        { service: "web", port: 8080 },
      ],
    });
  });

  it("is left out with a warning where a backend names no service", () => {
    const { objects, findings } = parse(
      "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {defaultBackend: {}}}",
    );
    expect(objects).toEqual([]);
    expect(findings).toMatchObject([{ code: "missing-field", severity: "warning" }]);
  });

  it("of an old version is skipped", () => {
    const { objects, skipped } = parse(
      "{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}, spec: {}}",
    );
    expect(objects).toEqual([]);
    expect([...skipped.keys()]).toEqual(["Ingress"]);
  });
});

it("reads an IngressClass", () => {
  expect(
    only(
      "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}",
    ),
  ).toEqual({ kind: "IngressClass", name: "nginx", controller: "k8s.io/ingress-nginx" });
});

it("reads the items of a ServiceList", () => {
  const { objects } = parse("{apiVersion: v1, kind: ServiceList, items: [{metadata: {name: a}}]}");
  expect(objects).toMatchObject([{ kind: "Service", name: "a" }]);
});

it("takes a Service of somebody else for what it is", () => {
  const { objects, skipped } = parse(
    "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}, spec: {}}",
  );
  expect(objects).toEqual([]);
  expect([...skipped.keys()]).toEqual(["Service"]);
});

it("warns of a Service that is there twice, and stops nothing", () => {
  const text = "{apiVersion: v1, kind: Service, metadata: {name: web}}";
  expect(parse(text, text).findings).toMatchObject([{ code: "duplicate-object", severity: "warning" }]);
});
