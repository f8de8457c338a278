import { visitAttributes } from "./netfilter/message.ts";
import { align } from "./netlink.ts";
import { type Namespace, within } from "./netns.ts";
import { AF_NETLINK, close, receive, SOCK_RAW, SyscallError, sendTo, socket } from "./syscalls.ts";

// rtnetlink(7), linux/if_link.h
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const MESSAGE_HEADER = 16;
const LINK_INFO = 16; // struct ifinfomsg
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;

/** A network interface, as far as anybody here asks. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** `bridge`, `veth`...; undefined for what is no virtual device. */
  readonly kind: string | undefined;
  /** Index of the bridge, bond... that it is a port of. */
  readonly master: number | undefined;
  /** Attributes of its kind by their numbers (IFLA_INFO_DATA): for a bridge those of IFLA_BR_*. */
  readonly data: ReadonlyMap<number, Buffer>;
}

/** All interfaces of a namespace, or of the one that this process is in. Throws a {@link SyscallError}. */
export function listLinks(namespace?: Namespace): Link[] {
  const fd = within(namespace, () => socket(AF_NETLINK, SOCK_RAW, 0));
  try {
    const request = Buffer.alloc(MESSAGE_HEADER + LINK_INFO);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
    const kernel = Buffer.alloc(12);
    kernel.writeUInt16LE(AF_NETLINK);
    const failed = sendTo(fd, request, kernel);
    if (failed !== 0) throw new SyscallError("list interfaces", failed);
    return readLinks(fd);
  } finally {
    close(fd);
  }
}

/** rtnetlink writes the next part of a dump while the one before is read: there is always something to read. */
function readLinks(fd: number): Link[] {
  const links: Link[] = [];
  const part = Buffer.alloc(1 << 16);
  for (;;) {
    const length = receive(fd, part);
    if (length < 0) throw new SyscallError("list interfaces", -length);
    for (let at = 0; at + MESSAGE_HEADER <= length; at += align(part.readUInt32LE(at))) {
      const type = part.readUInt16LE(at + 4);
      if (type === NLMSG_DONE) return links;
      if (type === NLMSG_ERROR)
        throw new SyscallError("list interfaces", -part.readInt32LE(at + MESSAGE_HEADER));
      if (type !== RTM_NEWLINK) continue;
      links.push(linkOf(part.subarray(at + MESSAGE_HEADER, at + part.readUInt32LE(at))));
    }
  }
}

function linkOf(message: Buffer): Link {
  const attributes = attributesOf(message.subarray(LINK_INFO));
  const info = attributesOf(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
  const data = attributesOf(info.get(IFLA_INFO_DATA) ?? Buffer.alloc(0));
  return {
    index: message.readInt32LE(4),
    name: textOf(attributes.get(IFLA_IFNAME)) ?? "",
    kind: textOf(info.get(IFLA_INFO_KIND)),
    master: attributes.get(IFLA_MASTER)?.readUInt32LE(0),
    // The part that is read next overwrites this one.
    data: new Map([...data].map(([type, value]) => [type, Buffer.from(value)])),
  };
}

/** The values are parts of `bytes`, not copies. */
function attributesOf(bytes: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  visitAttributes(bytes, 0, bytes.length, (type, start, end) =>
    attributes.set(type, bytes.subarray(start, end)),
  );
  return attributes;
}

function textOf(value: Buffer | undefined): string | undefined {
  return value?.toString("utf8").replace(/\0.*$/, "");
}
