import { inNamespace, type Namespace } from "../linux/netns.ts";
import type { Reactor } from "../linux/reactor.ts";
import { addressFamily, socketAddress } from "../linux/sockaddr.ts";
import * as sys from "../linux/syscalls.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { echoRequest, icmpFilter, meansNobodyListens, parseIcmp, rawPayload } from "./icmp.ts";
import { nextSourcePort } from "./ports.ts";
import { parseSctp, SCTP_ABORT, SCTP_INIT_ACK, sctpInit } from "./sctp-packet.ts";
import type { Servers } from "./servers.ts";

/** How a raw probe ended. */
export type RawAnswer = (outcome: "answered" | "refused" | "no-answer", detail: string) => void;

/** Sends ICMP and SCTP probes from one address through raw sockets that all its probes share. */
export interface RawOrigin {
  /** Sends an echo request or an INIT; returns 0 or the errno of sending. `answer` is called at most once. */
  sendEcho(to: Address, key: ProbeKey, answer: RawAnswer): number;
  sendInit(to: Address, port: number, key: ProbeKey, answer: RawAnswer): number;
  /** Forgets a probe that got no answer in time. */
  forget(key: ProbeKey): void;
  close(): void;
}

/** Filled by sending: where the pending probe is kept. */
export interface ProbeKey {
  map: "echo" | "sctp";
  id: number;
}

let nextEchoId = 1;

/** Opens the ICMP socket of an address; that of SCTP follows with the first INIT. */
export function openRawOrigin(
  reactor: Reactor,
  servers: Servers,
  namespace: Namespace,
  source: Address,
): RawOrigin {
  const { family } = source;
  const pending = { echo: new Map<number, RawAnswer>(), sctp: new Map<number, RawAnswer>() };
  const buffer = Buffer.alloc(2048);
  const echoId = nextEchoId;
  nextEchoId = (nextEchoId % 0xffff) + 1;
  let nextSequence = 0;
  let sctpFd: number | undefined;
  const icmpProtocol = family === 4 ? sys.IPPROTO_ICMP : sys.IPPROTO_ICMPV6;
  const icmpFd = openBound(icmpProtocol, onIcmp);
  const level = family === 4 ? sys.SOL_RAW : sys.IPPROTO_ICMPV6;
  sys.setOption(icmpFd, level, family === 4 ? sys.ICMP_FILTER : sys.ICMPV6_FILTER, icmpFilter(family));

  function openBound(protocol: number, onPacket: (payload: Buffer) => void): number {
    const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), sys.SOCK_RAW, protocol));
    const failed = sys.bind(fd, socketAddress(source, 0));
    if (failed !== 0) {
      sys.close(fd);
      throw new sys.SyscallError(`probe from ${formatAddress(source)} in ${namespace.name}`, failed);
    }
    sys.setOption(fd, sys.SOL_SOCKET, sys.SO_RCVBUF, 1 << 20);
    reactor.add(fd, sys.EPOLLIN, () => {
      for (let length = sys.receive(fd, buffer); length >= 0; length = sys.receive(fd, buffer)) {
        onPacket(rawPayload(family, buffer.subarray(0, length)));
      }
    });
    return fd;
  }

  function settle(map: "echo" | "sctp", id: number, ...answer: Parameters<RawAnswer>): void {
    const waiting = pending[map].get(id);
    pending[map].delete(id);
    waiting?.(...answer);
  }

  function onIcmp(payload: Buffer): void {
    const message = parseIcmp(family, payload);
    if (message?.kind === "echo-reply" && message.id === echoId) {
      settle("echo", message.sequence, "answered", "echo reply");
    } else if (message?.kind === "error") {
      const { type, code, protocol, cause } = message;
      const detail = `ICMP${family === 6 ? "v6" : ""} type ${type} code ${code}`;
      if (protocol === sys.IPPROTO_SCTP) {
        const outcome = meansNobodyListens(family, type, code) ? "refused" : "no-answer";
        settle("sctp", cause.readUInt16BE(0), outcome, detail);
      } else if (protocol === icmpProtocol && cause.readUInt16BE(4) === echoId) {
        // Every host answers echo requests, so an error never comes from a destination that was reached.
        settle("echo", cause.readUInt16BE(6), "no-answer", detail);
      }
    }
  }

  function onSctp(payload: Buffer): void {
    const packet = parseSctp(payload);
    if (packet?.chunk === SCTP_INIT_ACK) settle("sctp", packet.destinationPort, "answered", "INIT ACK");
    else if (packet?.chunk === SCTP_ABORT) settle("sctp", packet.destinationPort, "refused", "ABORT");
  }

  function openSctp(): number {
    // While a raw socket is open here, the kernel leaves strangers' INITs to this namespace without the ICMP error.
    servers.answerSctp(namespace, source);
    return openBound(sys.IPPROTO_SCTP, onSctp);
  }

  return {
    sendEcho(to, key, answer) {
      key.map = "echo";
      key.id = nextSequence;
      nextSequence = (nextSequence + 1) & 0xffff;
      pending.echo.set(key.id, answer);
      return sys.sendTo(icmpFd, echoRequest(family, echoId, key.id), socketAddress(to, 0));
    },
    sendInit(to, port, key, answer) {
      sctpFd ??= openSctp();
      key.map = "sctp";
      key.id = nextSourcePort(namespace);
      pending.sctp.set(key.id, answer);
      return sys.sendTo(sctpFd, sctpInit(key.id, port, key.id), socketAddress(to, 0));
    },
    forget(key) {
      pending[key.map].delete(key.id);
    },
    close() {
      for (const fd of sctpFd === undefined ? [icmpFd] : [icmpFd, sctpFd]) {
        reactor.remove(fd);
        sys.close(fd);
      }
    },
  };
}
