/** One port of a service with a single pod behind it. */
export interface ServicePort {
  readonly name: string;
  readonly address: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly pod: string;
  readonly targetPort: number;
}

const MASQUERADE_MARK = "0x4000";

const familyOf = ({ address }: ServicePort): 4 | 6 => (address.includes(":") ? 6 : 4);
const target = ({ pod, targetPort }: ServicePort): string =>
  pod.includes(":") ? `[${pod}]:${targetPort}` : `${pod}:${targetPort}`;

function tables(
  ports: readonly ServicePort[],
  write: (ip: "ip" | "ip6", own: ServicePort[]) => string,
): string {
  return ([4, 6] as const)
    .map((family) =>
      write(
        family === 4 ? "ip" : "ip6",
        ports.filter((port) => familyOf(port) === family),
      ),
    )
    .join("");
}

/**
 * Service addresses as the nftables mode of kube-proxy translates them: a map to a chain for each. With
 * `masquerade`, what a pod sends to itself comes back with the node's address.
 */
export function nftablesStyle(ports: readonly ServicePort[], masquerade: boolean): string {
  const postrouting = masquerade
    ? `chain postrouting { type nat hook postrouting priority srcnat; meta mark & ${MASQUERADE_MARK} != 0 masquerade; }`
    : "";
  return tables(
    ports,
    (ip, own) => `
table ${ip} kube-proxy-like {
  map services {
    type ${ip === "ip" ? "ipv4_addr" : "ipv6_addr"} . inet_proto . inet_service : verdict
    elements = { ${own.map((each) => `${each.address} . ${each.protocol} . ${each.port} : goto ${each.name}`).join(", ")} }
  }
  ${own.map((each) => `chain ${each.name} { ${ip} saddr ${each.pod} meta mark set meta mark | ${MASQUERADE_MARK}; meta l4proto ${each.protocol} dnat to ${target(each)}; }`).join("\n  ")}
  chain services { ${ip} daddr . meta l4proto . th dport vmap @services; }
  chain prerouting { type nat hook prerouting priority dstnat; jump services; }
  chain output { type nat hook output priority -100; jump services; }
  ${postrouting}
}
`,
  );
}

/** The same in the tables and chains that iptables-nft makes, filled as kube-proxy's iptables mode does. */
export function iptablesStyle(ports: readonly ServicePort[], masquerade: boolean): string {
  const postrouting = masquerade
    ? `meta mark & ${MASQUERADE_MARK} == ${MASQUERADE_MARK} counter masquerade`
    : "";
  return tables(
    ports,
    (ip, own) => `
table ${ip} nat {
  chain KUBE-MARK-MASQ { counter meta mark set meta mark | ${MASQUERADE_MARK}; }
  chain KUBE-POSTROUTING { ${postrouting}; }
  ${own.map((each) => `chain KUBE-SEP-${each.name} { ${ip} saddr ${each.pod} counter jump KUBE-MARK-MASQ; meta l4proto ${each.protocol} counter dnat to ${target(each)}; }`).join("\n  ")}
  ${own.map((each) => `chain KUBE-SVC-${each.name} { counter jump KUBE-SEP-${each.name}; }`).join("\n  ")}
  chain KUBE-SERVICES {
    ${own.map((each) => `${ip} daddr ${each.address} ${each.protocol} dport ${each.port} counter jump KUBE-SVC-${each.name}`).join("\n    ")}
  }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; counter jump KUBE-SERVICES; }
  chain OUTPUT { type nat hook output priority -100; policy accept; counter jump KUBE-SERVICES; }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; counter jump KUBE-POSTROUTING; }
}
`,
  );
}

/** The same again, for `iptables-restore` (4) or `ip6tables-restore` (6). */
export function iptablesRestore(ports: readonly ServicePort[], family: 4 | 6): string {
  const own = ports.filter((port) => familyOf(port) === family);
  return [
    "*nat",
    ":KUBE-SERVICES - [0:0]",
    ":KUBE-MARK-MASQ - [0:0]",
    ":KUBE-POSTROUTING - [0:0]",
    ...own.map(({ name }) => `:KUBE-SEP-${name} - [0:0]`),
    "-A PREROUTING -j KUBE-SERVICES",
    "-A OUTPUT -j KUBE-SERVICES",
    "-A POSTROUTING -j KUBE-POSTROUTING",
    `-A KUBE-MARK-MASQ -j MARK --set-xmark ${MASQUERADE_MARK}/${MASQUERADE_MARK}`,
    `-A KUBE-POSTROUTING -m mark --mark ${MASQUERADE_MARK}/${MASQUERADE_MARK} -j MASQUERADE`,
    ...own.flatMap((each) => [
      `-A KUBE-SERVICES -d ${each.address} -p ${each.protocol} -m ${each.protocol} --dport ${each.port} -j KUBE-SEP-${each.name}`,
      `-A KUBE-SEP-${each.name} -s ${each.pod} -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-${each.name} -p ${each.protocol} -j DNAT --to-destination ${target(each)}`,
    ]),
    "COMMIT",
    "",
  ].join("\n");
}
