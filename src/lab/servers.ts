import { inNamespace, type Namespace } from "../linux/netns.ts";
import type { Reactor } from "../linux/reactor.ts";
import { addressFamily, anyAddress, SOCKET_ADDRESS_LENGTH } from "../linux/sockaddr.ts";
import * as sys from "../linux/syscalls.ts";
import type { Address } from "../net/address.ts";
import { formatAddress } from "../net/address.ts";
import { kernelHasSctp, openSctpResponder, type SctpResponder } from "./sctp-responder.ts";
import { kernelHasIpv6 } from "./sysctl.ts";
import type { LabPort } from "./topology.ts";

/** The listening sockets of all pods. */
export interface Servers {
  /** Makes exactly these ports listen in a namespace; the rest of that namespace's ports close. */
  serve(namespace: Namespace, addresses: readonly Address[], ports: readonly LabPort[]): void;
  /** Makes an address answer every SCTP INIT, with ABORT where nobody listens, as a kernel with SCTP does. */
  answerSctp(namespace: Namespace, address: Address): void;
  /** Closes all sockets in a namespace. */
  withdraw(namespace: Namespace): void;
  close(): void;
}

interface Site {
  readonly listeners: Map<string, number>;
  readonly responders: Map<string, SctpResponder>;
  sctpPorts: ReadonlySet<number>;
}

/** Starts with no sockets; they are served from the reactor's turns. */
export function createServers(reactor: Reactor): Servers {
  const sites = new Map<Namespace, Site>();
  const family = kernelHasIpv6() ? 6 : 4;
  const datagram = Buffer.alloc(65536);
  const sender = Buffer.alloc(SOCKET_ADDRESS_LENGTH);
  const realSctp = kernelHasSctp();

  function siteOf(namespace: Namespace): Site {
    let site = sites.get(namespace);
    if (site === undefined) {
      site = { listeners: new Map(), responders: new Map(), sctpPorts: new Set() };
      sites.set(namespace, site);
    }
    return site;
  }

  function open(namespace: Namespace, { protocol, port }: LabPort): number {
    const type = protocol === "UDP" ? sys.SOCK_DGRAM : sys.SOCK_STREAM;
    const number = protocol === "SCTP" ? sys.IPPROTO_SCTP : 0;
    const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), type, number));
    // One IPv6 wildcard socket takes both families.
    if (family === 6) sys.setOption(fd, sys.IPPROTO_IPV6, sys.IPV6_V6ONLY, 0);
    if (protocol !== "UDP") sys.setOption(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1);
    const failed = sys.bind(fd, anyAddress(family, port));
    if (failed !== 0) {
      sys.close(fd);
      throw new sys.SyscallError(`listen on ${protocol} ${port} in ${namespace.name}`, failed);
    }
    if (protocol === "UDP") {
      reactor.add(fd, sys.EPOLLIN, () => echo(fd));
    } else {
      sys.listen(fd, 4096);
      reactor.add(fd, sys.EPOLLIN, () => acceptAll(fd));
    }
    return fd;
  }

  function echo(fd: number): void {
    for (;;) {
      const length = sys.receiveFrom(fd, datagram, sender);
      // EAGAIN, or an error that an earlier answer met on its way and that reading has cleared.
      if (length < 0) return;
      // If a rule in this namespace forbids the answer, the prober sees that as no answer.
      sys.sendTo(fd, datagram.subarray(0, length), senderAddress(sender));
    }
  }

  return {
    serve(namespace, addresses, ports) {
      const site = siteOf(namespace);
      site.sctpPorts = new Set(ports.filter((p) => p.protocol === "SCTP").map((p) => p.port));
      const wanted = new Map<string, LabPort>();
      for (const port of ports) {
        if (port.protocol !== "SCTP" || realSctp) wanted.set(`${port.protocol}/${port.port}`, port);
      }
      for (const [key, fd] of site.listeners) {
        if (wanted.has(key)) continue;
        reactor.remove(fd);
        sys.close(fd);
        site.listeners.delete(key);
      }
      for (const [key, port] of wanted) {
        if (!site.listeners.has(key)) site.listeners.set(key, open(namespace, port));
      }
      if (site.sctpPorts.size > 0) for (const address of addresses) this.answerSctp(namespace, address);
    },
    answerSctp(namespace, address) {
      if (realSctp) return;
      const site = siteOf(namespace);
      const key = formatAddress(address);
      if (site.responders.has(key)) return;
      const responder = openSctpResponder(reactor, namespace, address, (port) => site.sctpPorts.has(port));
      site.responders.set(key, responder);
    },
    withdraw(namespace) {
      const site = sites.get(namespace);
      if (site === undefined) return;
      for (const fd of site.listeners.values()) {
        reactor.remove(fd);
        sys.close(fd);
      }
      for (const responder of site.responders.values()) responder.close();
      sites.delete(namespace);
    },
    close() {
      for (const namespace of [...sites.keys()]) this.withdraw(namespace);
    },
  };
}

function acceptAll(fd: number): void {
  for (let client = sys.accept(fd); client !== undefined; client = sys.accept(fd)) sys.close(client);
}

function senderAddress(sender: Buffer): Buffer {
  return sender.readUInt16LE(0) === sys.AF_INET ? sender.subarray(0, 16) : sender;
}
