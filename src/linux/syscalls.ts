import koffi from "koffi";

/** Linux constants, as in the kernel's uapi headers; equal on every architecture Node runs on. */
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_SCTP = 132;
export const IPPROTO_RAW = 255;
export const SOL_SOCKET = 1;
export const SOL_RAW = 255;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_LINGER = 13;
export const SO_ATTACH_FILTER = 26;
export const SO_RCVBUFFORCE = 33;
export const IPV6_V6ONLY = 26;
export const ICMP_FILTER = 1;
export const ICMPV6_FILTER = 1;
export const EPOLLIN = 1;
export const EPOLLOUT = 4;
export const EPOLLERR = 8;
export const EPOLLHUP = 16;
export const CLONE_NEWNET = 0x40000000;
export const MS_BIND = 4096;
export const MNT_DETACH = 2;
const MFD_CLOEXEC = 1;
const FIOCLEX = 0x5451;
/** Longest address that getsockname(2) may write here (struct sockaddr_storage). */
const SOCKET_NAME_LENGTH = 128;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

const codes = koffi.os.errno;
const errno = (name: string): number => {
  const code = codes[name];
  if (code === undefined) throw new Error(`this system has no errno ${name}`);
  return code;
};
export const ENOENT: number = errno("ENOENT");
export const EPERM: number = errno("EPERM");
export const EINTR: number = errno("EINTR");
export const EAGAIN: number = errno("EAGAIN");
export const EACCES: number = errno("EACCES");
export const EMFILE: number = errno("EMFILE");
export const EADDRINUSE: number = errno("EADDRINUSE");
export const ENETUNREACH: number = errno("ENETUNREACH");
export const ENOBUFS: number = errno("ENOBUFS");
export const ECONNRESET: number = errno("ECONNRESET");
export const ECONNREFUSED: number = errno("ECONNREFUSED");
export const EHOSTUNREACH: number = errno("EHOSTUNREACH");
export const EINPROGRESS: number = errno("EINPROGRESS");

const names = new Map(Object.entries(codes).map(([name, code]) => [code, name]));

/** The name of an errno value, such as `EPERM`. */
export function errnoName(code: number): string {
  return names.get(code) ?? `errno ${code}`;
}

/** A system call that failed. `errno` is the kernel's number, `code` its name. */
export class SyscallError extends Error {
  readonly errno: number;
  readonly code: string;
  constructor(call: string, code: number) {
    super(`${call}: ${errnoName(code)}`);
    this.name = "SyscallError";
    this.errno = code;
    this.code = errnoName(code);
  }
}

// The Node process itself is linked with the C library, whichever one the system has.
const libc = koffi.load(null);
type Call<A extends unknown[]> = (...args: A) => number;
const c = {
  socket: libc.func("int socket(int, int, int)") as Call<[number, number, number]>,
  bind: libc.func("int bind(int, void *, uint32_t)") as Call<[number, Uint8Array, number]>,
  connect: libc.func("int connect(int, void *, uint32_t)") as Call<[number, Uint8Array, number]>,
  listen: libc.func("int listen(int, int)") as Call<[number, number]>,
  accept4: libc.func("int accept4(int, void *, void *, int)") as Call<[number, null, null, number]>,
  send: libc.func("intptr_t send(int, void *, size_t, int)") as Call<[number, Uint8Array, number, number]>,
  sendto: libc.func("intptr_t sendto(int, void *, size_t, int, void *, uint32_t)") as Call<
    [number, Uint8Array, number, number, Uint8Array, number]
  >,
  recvfrom: libc.func("intptr_t recvfrom(int, void *, size_t, int, void *, void *)") as Call<
    [number, Uint8Array, number, number, Uint8Array | null, Uint8Array | null]
  >,
  getsockopt: libc.func("int getsockopt(int, int, int, void *, void *)") as Call<
    [number, number, number, Uint8Array, Uint8Array]
  >,
  setsockopt: libc.func("int setsockopt(int, int, int, void *, uint32_t)") as Call<
    [number, number, number, Uint8Array, number]
  >,
  getsockname: libc.func("int getsockname(int, void *, void *)") as Call<[number, Uint8Array, Uint8Array]>,
  memfdCreate: libc.func("int memfd_create(const char *, unsigned int)") as Call<[string, number]>,
  close: libc.func("int close(int)") as Call<[number]>,
  setns: libc.func("int setns(int, int)") as Call<[number, number]>,
  unshare: libc.func("int unshare(int)") as Call<[number]>,
  mount: libc.func(
    "int mount(const char *, const char *, const char *, unsigned long, const char *)",
  ) as Call<[string, string, string | null, number, string | null]>,
  umount2: libc.func("int umount2(const char *, int)") as Call<[string, number]>,
  ioctl: libc.func("int ioctl(int, unsigned long, void *)") as Call<[number, number, Uint8Array]>,
  epollCreate: libc.func("int epoll_create1(int)") as Call<[number]>,
  epollCtl: libc.func("int epoll_ctl(int, int, int, void *)") as Call<
    [number, number, number, Uint8Array | null]
  >,
  epollWait: libc.func("int epoll_wait(int, void *, int, int)") as Call<[number, Uint8Array, number, number]>,
};

function checked(call: string, result: number): number {
  if (result < 0) throw new SyscallError(call, koffi.errno());
  return result;
}

/** A new non-blocking, close-on-exec socket in the calling thread's network namespace. */
export function socket(family: number, type: number, protocol: number): number {
  return checked("socket", c.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

/** Closes a descriptor. */
export function close(fd: number): void {
  checked("close", c.close(fd));
}

/** Binds; returns 0 or the errno, since a port in use is an everyday answer. */
export function bind(fd: number, address: Uint8Array): number {
  return c.bind(fd, address, address.length) < 0 ? koffi.errno() : 0;
}

/** Starts connecting; returns 0 (connected) or the errno, mostly EINPROGRESS. */
export function connect(fd: number, address: Uint8Array): number {
  return c.connect(fd, address, address.length) < 0 ? koffi.errno() : 0;
}

export function listen(fd: number, backlog: number): void {
  checked("listen", c.listen(fd, backlog));
}

/** Accepts one connection as a non-blocking descriptor; undefined if none waits. */
export function accept(fd: number): number | undefined {
  const accepted = c.accept4(fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted < 0 ? undefined : accepted;
}

/** Sends on a connected socket; returns 0 or the errno. */
export function send(fd: number, data: Uint8Array): number {
  return c.send(fd, data, data.length, 0) < 0 ? koffi.errno() : 0;
}

/** Sends to an address; returns 0 or the errno. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): number {
  return c.sendto(fd, data, data.length, 0, address, address.length) < 0 ? koffi.errno() : 0;
}

/** What {@link receive} returns: bytes read, or minus the errno (`-EAGAIN` if nothing waits). */
export type ReceiveResult = number;

/** Reads one datagram into `data` without blocking. */
export function receive(fd: number, data: Uint8Array): ReceiveResult {
  const length = c.recvfrom(fd, data, data.length, 0, null, null);
  return length < 0 ? -koffi.errno() : length;
}

const lengthBuffer = Buffer.alloc(4);

/** As {@link receive}; writes the sender's socket address into `from`, which must hold 28 bytes. */
export function receiveFrom(fd: number, data: Uint8Array, from: Uint8Array): ReceiveResult {
  lengthBuffer.writeUInt32LE(from.length);
  const length = c.recvfrom(fd, data, data.length, 0, from, lengthBuffer);
  return length < 0 ? -koffi.errno() : length;
}

/** Sets a socket option to an integer or to bytes. */
export function setOption(fd: number, level: number, option: number, value: number | Uint8Array): void {
  let bytes: Uint8Array;
  if (typeof value === "number") {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    bytes = buffer;
  } else {
    bytes = value;
  }
  checked("setsockopt", c.setsockopt(fd, level, option, bytes, bytes.length));
}

const optionBuffer = Buffer.alloc(4);

/** The error waiting on a socket (SO_ERROR), 0 for none; reading clears it. */
export function socketError(fd: number): number {
  lengthBuffer.writeUInt32LE(4);
  checked("getsockopt", c.getsockopt(fd, SOL_SOCKET, SO_ERROR, optionBuffer, lengthBuffer));
  return optionBuffer.readInt32LE();
}

/**
 * Asks for a receive buffer of so many bytes. Beyond the system's limit (`net.core.rmem_max`) that takes CAP_NET_ADMIN
 * in the first user namespace; without it the buffer becomes as large as the limit allows.
 */
export function setReceiveBuffer(fd: number, bytes: number): void {
  try {
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== EPERM) throw error;
    setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes);
  }
}

/** One instruction of a classic BPF program (linux/filter.h). */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to skip if a comparison holds, and if it does not. */
  readonly ifTrue?: number;
  readonly ifFalse?: number;
  readonly k: number;
}

/** Lets a socket receive only the messages for which a classic BPF program returns something else than 0. */
export function attachFilter(fd: number, program: readonly BpfInstruction[]): void {
  const instructions = Buffer.alloc(8 * program.length);
  for (const [i, { code, ifTrue = 0, ifFalse = 0, k }] of program.entries()) {
    instructions.writeUInt16LE(code, 8 * i);
    instructions[8 * i + 2] = ifTrue;
    instructions[8 * i + 3] = ifFalse;
    instructions.writeUInt32LE(k, 8 * i + 4);
  }
  // struct sock_fprog: a length, then a pointer to the instructions, which the kernel copies.
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length, 0);
  header.writeBigUInt64LE(koffi.address(instructions), 8);
  setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, header);
}

/** The netlink port id of a netlink socket, 0 while it has none; undefined for a socket of another family. */
export function netlinkPortId(fd: number): number | undefined {
  const address = Buffer.alloc(SOCKET_NAME_LENGTH);
  lengthBuffer.writeUInt32LE(address.length);
  checked("getsockname", c.getsockname(fd, address, lengthBuffer));
  return address.readUInt16LE(0) === AF_NETLINK ? address.readUInt32LE(4) : undefined;
}

/** Keeps a descriptor that a library opened from the programs that this process starts. */
export function closeOnExec(fd: number): void {
  checked("ioctl FIOCLEX", c.ioctl(fd, FIOCLEX, Buffer.alloc(0)));
}

/** A new, empty file in memory, closed on exec; other opens of `/proc/self/fd/N` see its contents. */
export function memoryFile(name: string): number {
  return checked("memfd_create", c.memfdCreate(name, MFD_CLOEXEC));
}

/** Moves the calling thread into the network namespace that `fd` names. */
export function setNetworkNamespace(fd: number): void {
  checked("setns", c.setns(fd, CLONE_NEWNET));
}

/** Moves the calling thread into a new, empty network namespace. */
export function unshareNetwork(): void {
  checked("unshare", c.unshare(CLONE_NEWNET));
}

export function mount(source: string, target: string, type: string | null, flags: number): void {
  checked(`mount ${target}`, c.mount(source, target, type, flags, null));
}

export function unmount(target: string, flags: number): void {
  checked(`umount ${target}`, c.umount2(target, flags));
}

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GLINK = 10;
const ethtoolValue = Buffer.alloc(8);

/**
 * True if an interface has its carrier. The kernel makes a change of carrier take effect on the interface (its
 * queue, its routes) before it answers, which it does some time later otherwise. Any socket of the namespace will do.
 */
export function linkHasCarrier(fd: number, interfaceName: string): boolean {
  // struct ifreq: 16 bytes of name, then a pointer to struct ethtool_value.
  const request = Buffer.alloc(40);
  request.write(interfaceName, "latin1");
  request.writeBigUInt64LE(koffi.address(ethtoolValue), 16);
  ethtoolValue.writeUInt32LE(ETHTOOL_GLINK, 0);
  checked(`ethtool ${interfaceName}`, c.ioctl(fd, SIOCETHTOOL, request));
  return ethtoolValue.readUInt32LE(4) === 1;
}

// struct epoll_event is packed on x86 only.
const EPOLL_EVENT_SIZE = process.arch === "x64" || process.arch === "ia32" ? 12 : 16;
const EPOLL_DATA_OFFSET = EPOLL_EVENT_SIZE - 8;
const EPOLL_BATCH = 256;
const eventBuffer = Buffer.alloc(EPOLL_EVENT_SIZE);
const eventsBuffer = Buffer.alloc(EPOLL_EVENT_SIZE * EPOLL_BATCH);

/** A new epoll instance. */
export function epollCreate(): number {
  return checked("epoll_create1", c.epollCreate(SOCK_CLOEXEC));
}

export function epollAdd(epoll: number, fd: number, events: number): void {
  eventBuffer.writeUInt32LE(events, 0);
  eventBuffer.writeUInt32LE(fd, EPOLL_DATA_OFFSET);
  checked("epoll_ctl", c.epollCtl(epoll, EPOLL_CTL_ADD, fd, eventBuffer));
}

export function epollRemove(epoll: number, fd: number): void {
  checked("epoll_ctl", c.epollCtl(epoll, EPOLL_CTL_DEL, fd, null));
}

/** Calls `visit` for descriptors that are ready now, at most 256; returns how many. Never waits. */
export function epollReady(epoll: number, visit: (fd: number, events: number) => void): number {
  const count = c.epollWait(epoll, eventsBuffer, EPOLL_BATCH, 0);
  if (count < 0) {
    if (koffi.errno() === EINTR) return 0;
    throw new SyscallError("epoll_wait", koffi.errno());
  }
  // Copied first: a visitor may come back here.
  const ready: number[] = [];
  for (let i = 0; i < count; i++) {
    ready.push(eventsBuffer.readUInt32LE(i * EPOLL_EVENT_SIZE + EPOLL_DATA_OFFSET));
    ready.push(eventsBuffer.readUInt32LE(i * EPOLL_EVENT_SIZE));
  }
  for (let i = 0; i < ready.length; i += 2) visit(ready[i]!, ready[i + 1]!);
  return count;
}
