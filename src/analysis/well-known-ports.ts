import { type PortSet, portSetHas, type Transport } from "../net/port-set.ts";

/** What listens at a port by custom, as far as it matters to who may reach it. */
export type ServiceKind = "database" | "cache" | "queue" | "search" | "admin" | "cluster" | "files";

/** A port that should rarely be open to many. */
export interface WellKnownPort {
  readonly port: number;
  readonly protocol: Transport;
  /** As people call what listens there, such as `PostgreSQL`. */
  readonly name: string;
  readonly kind: ServiceKind;
}

/** By port. Ports that mostly serve web pages or applications are not among them, whatever else uses them. */
export const WELL_KNOWN_PORTS: readonly WellKnownPort[] = [
  tcp(21, "FTP", "files"),
  tcp(22, "SSH", "admin"),
  tcp(23, "Telnet", "admin"),
  tcp(111, "rpcbind", "files"),
  tcp(389, "LDAP", "database"),
  tcp(445, "SMB", "files"),
  tcp(512, "rexec", "admin"),
  tcp(513, "rlogin", "admin"),
  tcp(514, "rsh", "admin"),
  tcp(636, "LDAP over TLS", "database"),
  tcp(873, "rsync", "files"),
  tcp(1433, "SQL Server", "database"),
  tcp(1521, "Oracle", "database"),
  tcp(2049, "NFS", "files"),
  tcp(2181, "ZooKeeper", "cluster"),
  tcp(2375, "Docker", "admin"),
  tcp(2376, "Docker over TLS", "admin"),
  tcp(2379, "etcd", "cluster"),
  tcp(2380, "etcd peers", "cluster"),
  tcp(3306, "MySQL", "database"),
  tcp(3389, "Remote Desktop", "admin"),
  tcp(4222, "NATS", "queue"),
  tcp(4369, "Erlang port mapper", "cluster"),
  tcp(5005, "Java debugger", "admin"),
  tcp(5432, "PostgreSQL", "database"),
  tcp(5671, "AMQP over TLS", "queue"),
  tcp(5672, "AMQP (RabbitMQ)", "queue"),
  tcp(5900, "VNC", "admin"),
  tcp(5984, "CouchDB", "database"),
  tcp(6379, "Redis", "cache"),
  tcp(6443, "Kubernetes API", "admin"),
  tcp(7000, "Cassandra nodes", "cluster"),
  tcp(7473, "Neo4j", "database"),
  tcp(7474, "Neo4j", "database"),
  tcp(7687, "Neo4j (Bolt)", "database"),
  tcp(8086, "InfluxDB", "database"),
  tcp(8123, "ClickHouse over HTTP", "database"),
  tcp(8200, "Vault", "admin"),
  tcp(8300, "Consul servers", "cluster"),
  tcp(8500, "Consul", "cluster"),
  tcp(8529, "ArangoDB", "database"),
  tcp(9042, "Cassandra", "database"),
  tcp(9092, "Kafka", "queue"),
  tcp(9200, "Elasticsearch", "search"),
  tcp(9229, "Node.js debugger", "admin"),
  tcp(9300, "Elasticsearch nodes", "cluster"),
  tcp(10250, "kubelet", "admin"),
  tcp(10255, "kubelet, read-only", "admin"),
  tcp(11211, "memcached", "cache"),
  udp(11211, "memcached", "cache"),
  tcp(15672, "RabbitMQ management", "admin"),
  tcp(26257, "CockroachDB", "database"),
  tcp(26379, "Redis Sentinel", "cluster"),
  tcp(27017, "MongoDB", "database"),
  tcp(27018, "MongoDB shards", "database"),
  tcp(27019, "MongoDB config servers", "database"),
];

function tcp(port: number, name: string, kind: ServiceKind): WellKnownPort {
  return { port, protocol: "TCP", name, kind };
}

function udp(port: number, name: string, kind: ServiceKind): WellKnownPort {
  return { port, protocol: "UDP", name, kind };
}

/** The well-known ports that are in a set. */
export function wellKnownPortsIn(ports: PortSet): WellKnownPort[] {
  return WELL_KNOWN_PORTS.filter((each) => portSetHas(ports, each));
}

/** The name that a port is known by, if there is one. */
export function wellKnownPort(protocol: Transport, port: number): WellKnownPort | undefined {
  return WELL_KNOWN_PORTS.find((each) => each.port === port && each.protocol === protocol);
}
