import { closeSync, ftruncateSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import koffi from "koffi";
import { type Namespace, within } from "./netns.ts";
import type { Nftables } from "./nftables.ts";
import { AF_NETLINK, bind, closeOnExec, memoryFile, netlinkPortId, SyscallError } from "./syscalls.ts";

// nftables/libnftables.h
const NFT_CTX_OUTPUT_JSON = 1 << 4;
const NFT_CTX_OUTPUT_NUMERIC_PROTO = 1 << 7;
const SOCKADDR_NL_LENGTH = 12;

/** Each fails only if somebody changes nftables while it reads. */
const READ_ATTEMPTS = 5;

type Context = object;

interface Library {
  readonly create: () => Context | null;
  readonly free: (context: Context) => void;
  readonly setOutputFlags: (context: Context, flags: number) => void;
  /** Text of the last run. Each run begins with empty buffers. */
  readonly output: (context: Context) => string;
  readonly errors: (context: Context) => string;
  /** Both run on a thread of Node's pool and resolve to 0 or -1. */
  readonly runFile: (context: Context, path: string) => Promise<number>;
  readonly runText: (context: Context, command: string) => Promise<number>;
}

let library: Library | null | undefined;

function loadLibrary(): Library | null {
  let loaded: ReturnType<typeof koffi.load>;
  try {
    loaded = koffi.load("libnftables.so.1");
  } catch {
    // Not installed, or built for another C library than Node: the caller has another way.
    return null;
  }
  const create = loaded.func("void *nft_ctx_new(uint32_t)") as (flags: number) => Context | null;
  const bufferOutput = loaded.func("int nft_ctx_buffer_output(void *)") as (context: Context) => number;
  const bufferErrors = loaded.func("int nft_ctx_buffer_error(void *)") as (context: Context) => number;
  return {
    create() {
      const context = create(0);
      if (context === null || bufferOutput(context) !== 0 || bufferErrors(context) !== 0) return null;
      return context;
    },
    free: loaded.func("void nft_ctx_free(void *)"),
    setOutputFlags: loaded.func("void nft_ctx_output_set_flags(void *, unsigned int)"),
    output: loaded.func("const char *nft_ctx_get_output_buffer(void *)"),
    errors: loaded.func("const char *nft_ctx_get_error_buffer(void *)"),
    runFile: onPool(loaded.func("int nft_run_cmd_from_filename(void *, const char *)")),
    runText: onPool(loaded.func("int nft_run_cmd_from_buffer(void *, const char *)")),
  };
}

function onPool(call: ReturnType<ReturnType<typeof koffi.load>["func"]>): Library["runText"] {
  return (context, text) =>
    new Promise((resolve, reject) => {
      call.async(context, text, (error: unknown, result: number) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
}

// One run at a time in the whole process: libnftables does not promise that two contexts may run on two threads
// (its look-ups of names in /etc share static memory), and Node's pool has only four.
let lastRun: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = lastRun.then(work);
  // The caller of `done` sees its error; the next call must not.
  lastRun = done.catch(() => undefined);
  return done;
}

/** nftables through libnftables in this process; undefined where the library is missing. */
export function openNftablesLibrary(namespace?: Namespace): Nftables | undefined {
  library ??= loadLibrary();
  if (library === null) return undefined;
  const nft = library;
  const { context, portId } = openContext(nft, namespace);
  // A script comes from a file, since libnftables tells the line of an error only then.
  const file = memoryFile("podwall-nft");
  const path = `/proc/self/fd/${file}`;
  let closed = false;

  function whileOpen<T>(work: () => Promise<T>): Promise<T> {
    return closed ? Promise.reject(new Error("nftables: already closed")) : inTurn(work);
  }

  /**
   * Runs again where the library could not read what the kernel holds, which it does before anything else: seen while
   * others changed large tables. Nothing was sent by then.
   */
  async function untilRead(work: () => Promise<number>): Promise<{ ok: boolean; errors: string }> {
    for (let attempt = 1; ; attempt++) {
      const ok = (await work()) === 0;
      // To be taken once: the library forgets what it has handed out.
      const errors = nft.errors(context);
      // "cache initialization failed: Protocol error". Without the right to read it fails in the same words, for good.
      const isRetried = errors.includes("cache initialization failed") && !errors.includes("not permitted");
      if (ok || attempt === READ_ATTEMPTS || !isRetried) {
        return { ok, errors };
      }
    }
  }

  return {
    run: (script) =>
      whileOpen(async () => {
        writeScript(file, script);
        nft.setOutputFlags(context, NFT_CTX_OUTPUT_NUMERIC_PROTO);
        const { ok, errors } = await untilRead(() => nft.runFile(context, path));
        return {
          ok,
          output: nft.output(context),
          errors: errors.replaceAll(path, "/dev/stdin"),
        };
      }),
    listJson: (command) =>
      whileOpen(async () => {
        nft.setOutputFlags(context, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_PROTO);
        const { ok, errors } = await untilRead(() => nft.runText(context, command));
        if (!ok) throw new Error(`nft ${command}: ${errors.trim()}`);
        return nft.output(context);
      }),
    portId,
    close() {
      if (closed) return;
      closed = true;
      lastRun = lastRun.then(() => {
        nft.free(context);
        closeSync(file);
      });
    },
  };
}

function writeScript(file: number, script: string): void {
  const bytes = Buffer.from(script);
  ftruncateSync(file, 0);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
}

/** The context opens its netlink socket here, on the main thread, and keeps it: so the pool's threads may use it. */
function openContext(nft: Library, namespace: Namespace | undefined): { context: Context; portId: number } {
  const before = new Set(openSockets().values());
  const context = within(namespace, () => nft.create());
  if (context === null) throw new Error("libnftables: cannot create a context");
  for (const [fd, link] of openSockets()) {
    if (before.has(link) || netlinkPortId(fd) === undefined) continue;
    closeOnExec(fd);
    // Its port id, chosen by the kernel, would otherwise be known only after the first transaction.
    const address = Buffer.alloc(SOCKADDR_NL_LENGTH);
    address.writeUInt16LE(AF_NETLINK);
    const failed = bind(fd, address);
    if (failed !== 0) throw new SyscallError("bind the socket of libnftables", failed);
    return { context, portId: netlinkPortId(fd)! };
  }
  throw new Error("libnftables: the netlink socket of a new context is not there");
}

/** Sockets of this process, each with a text that is its own for ever, such as `socket:[4711]`. */
function openSockets(): Map<number, string> {
  const sockets = new Map<number, string>();
  for (const name of readdirSync("/proc/self/fd")) {
    let link: string;
    try {
      link = readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // Closed meanwhile, as the directory that was just read.
      continue;
    }
    if (link.startsWith("socket:")) sockets.set(Number(name), link);
  }
  return sockets;
}
