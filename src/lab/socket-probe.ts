import { inNamespace, type Namespace } from "../linux/netns.ts";
import type { Reactor } from "../linux/reactor.ts";
import { addressFamily, socketAddress } from "../linux/sockaddr.ts";
import * as sys from "../linux/syscalls.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { nextSourcePort } from "./ports.ts";
import type { RawAnswer } from "./raw-origin.ts";

const PAYLOAD = Buffer.from("podwall");
// Closing then sends RST: nothing stays behind in TIME_WAIT.
const LINGER_ZERO = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
const received = Buffer.alloc(64);

/** A TCP or UDP probe under way. */
export interface SocketProbe {
  /** Closes the socket; no answer comes after. Must be called exactly once. */
  close(): void;
}

/**
 * Starts a TCP connect, or sends a UDP datagram. `answer` may be called before this returns.
 * Throws a SyscallError if the machine cannot (too many open files), an Error if the source address is wrong.
 */
export function startSocketProbe(
  reactor: Reactor,
  namespace: Namespace,
  protocol: "TCP" | "UDP",
  source: Address,
  to: Address,
  port: number,
  answer: RawAnswer,
): SocketProbe {
  const tcp = protocol === "TCP";
  const type = tcp ? sys.SOCK_STREAM : sys.SOCK_DGRAM;
  const fd = inNamespace(namespace, () => sys.socket(addressFamily(source.family), type, 0));
  let watched = false;
  try {
    bindSource(fd, namespace, source, port);
    if (tcp) sys.setOption(fd, sys.SOL_SOCKET, sys.SO_LINGER, LINGER_ZERO);
    reactor.add(fd, tcp ? sys.EPOLLOUT : sys.EPOLLIN, onReady);
    watched = true;
    let failed = sys.connect(fd, socketAddress(to, port));
    if (failed === 0 && !tcp) failed = sys.send(fd, PAYLOAD);
    if (failed === sys.ECONNREFUSED || STOPPED.has(failed)) settleErrno(failed);
    else if (failed !== 0 && failed !== sys.EINPROGRESS) {
      throw new sys.SyscallError(`${protocol} probe to ${formatAddress(to)} port ${port}`, failed);
    }
  } catch (error) {
    if (watched) reactor.remove(fd);
    sys.close(fd);
    throw error;
  }

  function onReady(events: number): void {
    const errno = events & (sys.EPOLLERR | sys.EPOLLHUP) ? sys.socketError(fd) : 0;
    if (errno !== 0) settleErrno(errno);
    else if (tcp && events & sys.EPOLLOUT && !(events & sys.EPOLLHUP)) answer("answered", "connected");
    else if (!tcp && events & sys.EPOLLIN && sys.receive(fd, received) >= 0) answer("answered", "datagram");
  }

  function settleErrno(errno: number): void {
    if (errno === sys.ECONNREFUSED) answer("refused", tcp ? "reset" : "port unreachable");
    // A reset after the handshake: the connection was there.
    else if (errno === sys.ECONNRESET) answer("answered", "connected");
    else answer("no-answer", sys.errnoName(errno));
  }

  return {
    close() {
      reactor.remove(fd);
      sys.close(fd);
    },
  };
}

/**
 * What a socket says when a rule stopped its packet with an ICMP prohibition (EHOSTUNREACH, ENETUNREACH, EACCES),
 * or in the sender's own namespace (EPERM), or when there is no way to the destination.
 */
export const STOPPED: ReadonlySet<number> = new Set([
  sys.EHOSTUNREACH,
  sys.ENETUNREACH,
  sys.EACCES,
  sys.EPERM,
]);

function bindSource(fd: number, namespace: Namespace, source: Address, destinationPort: number): void {
  // A port may be one that the pod listens on, or the destination's: TCP would connect to itself.
  for (let tries = 0; tries < 1000; tries++) {
    const port = nextSourcePort(namespace);
    if (port === destinationPort) continue;
    const failed = sys.bind(fd, socketAddress(source, port));
    if (failed === 0) return;
    if (failed !== sys.EADDRINUSE) {
      throw new sys.SyscallError(`probe from ${formatAddress(source)} in ${namespace.name}`, failed);
    }
  }
  throw new Error(`${namespace.name}: no free source port for a probe from ${formatAddress(source)}`);
}
