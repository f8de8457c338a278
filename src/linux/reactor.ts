import koffi from "koffi";
import { close, epollAdd, epollCreate, epollReady, epollRemove } from "./syscalls.ts";

/** Called with the epoll events (EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP) of a descriptor. */
export type ReadyHandler = (events: number) => void;

/** One epoll set for every socket of the lab, servers and probes alike, driven by Node's event loop. */
export interface Reactor {
  add(fd: number, events: number, handler: ReadyHandler): void;
  remove(fd: number): void;
  /** Handles what is ready now without waiting; returns the number of events handled. */
  turn(): number;
  close(): void;
}

/** Starts a reactor. It does not keep the process alive by itself. */
export function createReactor(): Reactor {
  const epoll = epollCreate();
  const handlers = new Map<number, ReadyHandler>();
  // An event of this batch may concern a descriptor that an earlier handler closed.
  const visit = (fd: number, events: number): void => handlers.get(fd)?.(events);
  const turn = (): number => epollReady(epoll, visit);
  const handle = koffi.node.poll(epoll, { readable: true }, () => {
    turn();
  });
  handle.unref();
  return {
    add(fd, events, handler) {
      epollAdd(epoll, fd, events);
      handlers.set(fd, handler);
    },
    remove(fd) {
      epollRemove(epoll, fd);
      handlers.delete(fd);
    },
    turn,
    close() {
      handle.close();
      handlers.clear();
      close(epoll);
    },
  };
}
