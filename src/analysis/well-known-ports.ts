import type { Transport } from "../net/port-set.ts";

/** What a service is that should not be open to everybody. */
export type WellKnownKind = "database" | "cache" | "queue" | "admin";

/** A port on which a service listens that keeps data, or that gives power over others. */
export interface WellKnownPort {
  readonly protocol: Transport;
  readonly port: number;
  /** What listens there, as its makers write it. */
  readonly name: string;
  readonly kind: WellKnownKind;
}

/**
 * Only ports that hardly ever mean anything else: no 8080, 9000 or 9090, which every other program uses. Sources: the
 * documentation of the products, and the IANA registry of port numbers.
 */
export const WELL_KNOWN_PORTS: readonly WellKnownPort[] = [
  tcp(1433, "SQL Server", "database"),
  tcp(1521, "Oracle Database", "database"),
  tcp(3306, "MySQL", "database"),
  tcp(33060, "MySQL", "database"),
  tcp(5432, "PostgreSQL", "database"),
  tcp(5984, "CouchDB", "database"),
  tcp(7687, "Neo4j", "database"),
  tcp(8086, "InfluxDB", "database"),
  tcp(8123, "ClickHouse", "database"),
  tcp(9042, "Cassandra", "database"),
  tcp(9200, "Elasticsearch", "database"),
  tcp(9300, "Elasticsearch", "database"),
  tcp(26257, "CockroachDB", "database"),
  tcp(27017, "MongoDB", "database"),
  tcp(28015, "RethinkDB", "database"),
  tcp(6379, "Redis", "cache"),
  tcp(26379, "Redis Sentinel", "cache"),
  tcp(11211, "Memcached", "cache"),
  { protocol: "UDP", port: 11211, name: "Memcached", kind: "cache" },
  tcp(2181, "ZooKeeper", "queue"),
  tcp(4222, "NATS", "queue"),
  tcp(5672, "RabbitMQ", "queue"),
  tcp(6650, "Pulsar", "queue"),
  tcp(9092, "Kafka", "queue"),
  tcp(22, "SSH", "admin"),
  tcp(23, "Telnet", "admin"),
  tcp(2375, "Docker", "admin"),
  tcp(2376, "Docker", "admin"),
  tcp(2379, "etcd", "admin"),
  tcp(2380, "etcd", "admin"),
  tcp(3389, "Remote Desktop", "admin"),
  tcp(5900, "VNC", "admin"),
  tcp(8200, "Vault", "admin"),
  tcp(8500, "Consul", "admin"),
  tcp(10250, "kubelet", "admin"),
  tcp(10255, "kubelet", "admin"),
  tcp(15672, "RabbitMQ management", "admin"),
];

const BY_PORT = new Map(WELL_KNOWN_PORTS.map((each) => [`${each.protocol}/${each.port}`, each]));

/** What is known to listen on a port; undefined for a port that may be anything. */
export function wellKnownPort(protocol: Transport, port: number): WellKnownPort | undefined {
  return BY_PORT.get(`${protocol}/${port}`);
}

function tcp(port: number, name: string, kind: WellKnownKind): WellKnownPort {
  return { protocol: "TCP", port, name, kind };
}
