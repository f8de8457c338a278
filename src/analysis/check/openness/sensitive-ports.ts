import type { ClusterPod } from "../../../cluster/cluster.ts";
import { type WellKnownPort, wellKnownPort } from "../../well-known-ports.ts";

/** What people call such services: names of container ports, and words in names and labels of pods. */
const PRODUCTS: Readonly<Record<string, number>> = {
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
  mssql: 1433,
  mongo: 27017,
  mongodb: 27017,
  cassandra: 9042,
  cockroachdb: 26257,
  couchdb: 5984,
  influxdb: 8086,
  elasticsearch: 9200,
  redis: 6379,
  valkey: 6379,
  memcached: 11211,
  rabbitmq: 5672,
  kafka: 9092,
  nats: 4222,
  zookeeper: 2181,
  etcd: 2379,
  vault: 8200,
};

/** Words that make a name one of something else, which uses or watches the service. */
const OTHERS = new Set([
  "admin",
  "agent",
  "backup",
  "client",
  "connect",
  "console",
  "consumer",
  "controller",
  "exporter",
  "gateway",
  "injector",
  "job",
  "manager",
  "metrics",
  "migrate",
  "migration",
  "migrations",
  "operator",
  "producer",
  "proxy",
  "restore",
  "ui",
  "web",
]);

const NAME_LABELS = ["app.kubernetes.io/name", "app", "k8s-app", "name"];

/**
 * The ports of a pod on which something listens that should not be open to everybody. Those that it declares, by number
 * or name; where it declares none, that of the product that it is called after.
 */
export function sensitivePorts({ ports, labels, workload }: ClusterPod): WellKnownPort[] {
  if (ports.length > 0) {
    return ports.flatMap(({ protocol, port, name }) => {
      const known = wellKnownPort(protocol, port);
      // A pod that declares the kubelet's port is none: metrics-server, as a rule.
      if (known !== undefined) return known.name.startsWith("kubelet") ? [] : [known];
      const product = name === undefined ? undefined : productPort(name);
      return product?.protocol === protocol ? [{ ...product, port }] : [];
    });
  }
  const names = [...NAME_LABELS.map((label) => labels[label] ?? ""), workload.replace(/^.*\/|\[.*$/g, "")];
  for (const name of names) {
    const words = name.toLowerCase().split(/[^a-z]+/);
    if (words.some((word) => OTHERS.has(word))) return [];
    const product = words.map(productPort).find((found) => found !== undefined);
    if (product !== undefined) return [product];
  }
  return [];
}

function productPort(name: string): WellKnownPort | undefined {
  return Object.hasOwn(PRODUCTS, name) ? wellKnownPort("TCP", PRODUCTS[name]!) : undefined;
}
