import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { MNT_DETACH, MS_BIND, mount, setNetworkNamespace, unmount, unshareNetwork } from "./syscalls.ts";

/** Where named network namespaces live, as iproute2 has it. Private to the sandbox's mount namespace. */
export const NETNS_DIRECTORY = "/run/netns";

/** A network namespace held open by this process and visible to `ip netns` in the sandbox. */
export interface Namespace {
  readonly name: string;
  /** Open `ns/net` file of the namespace, for setns(2). */
  readonly fd: number;
}

let home: number | undefined;
/** The namespace the main thread is in now; spares the system call when it is already there. */
let current: number | undefined;

function homeNamespace(): number {
  home ??= openSync("/proc/self/ns/net", "r");
  current ??= home;
  return home;
}

function moveTo(fd: number): void {
  if (current === fd) return;
  setNetworkNamespace(fd);
  current = fd;
}

/**
 * Runs `fn` with the main thread inside the namespace. Sockets opened, `/proc/sys/net` files written and child
 * processes started in `fn` belong to that namespace for good. `fn` must not be async: the thread is shared.
 */
export function inNamespace<T>(namespace: Namespace, fn: () => T): T {
  homeNamespace();
  const before = current!;
  moveTo(namespace.fd);
  try {
    return fn();
  } finally {
    moveTo(before);
  }
}

/**
 * Moves the main thread into a namespace for good: what it opens from now on is there, also where it is not known when,
 * as with Node's own sockets. Returns the way back, to be taken before the namespace is deleted.
 */
export function enterNamespace(namespace: Namespace): () => void {
  const before = homeNamespace();
  const settle = (fd: number): void => {
    moveTo(fd);
    home = fd;
  };
  settle(namespace.fd);
  return () => settle(before);
}

/** As {@link inNamespace}; without a namespace `fn` runs in that of this process. */
export function within<T>(namespace: Namespace | undefined, fn: () => T): T {
  return namespace === undefined ? fn() : inNamespace(namespace, fn);
}

/** Creates an empty network namespace under `/run/netns/<name>`. Needs the sandbox's private `/run`. */
export function createNamespace(name: string): Namespace {
  const before = homeNamespace();
  const path = `${NETNS_DIRECTORY}/${name}`;
  mkdirSync(NETNS_DIRECTORY, { recursive: true });
  writeFileSync(path, "", { flag: "wx" });
  unshareNetwork();
  current = undefined;
  try {
    mount("/proc/self/ns/net", path, null, MS_BIND);
    return { name, fd: openSync("/proc/self/ns/net", "r") };
  } finally {
    moveTo(before);
  }
}

/** Lets go of a namespace; the kernel removes it with its interfaces and rules once nothing uses it. */
export function deleteNamespace(namespace: Namespace): void {
  const path = `${NETNS_DIRECTORY}/${namespace.name}`;
  unmount(path, MNT_DETACH);
  rmSync(path);
  closeSync(namespace.fd);
}
