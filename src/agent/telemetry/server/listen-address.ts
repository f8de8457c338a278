/** Where the server of an agent listens. */
export interface ListenAddress {
  /** Undefined: every address of the families that there are. */
  readonly host?: string;
  readonly port: number;
}

/** Something that keeps the server from listening, in words for people. */
export class ListenError extends Error {
  override readonly name: string = "ListenError";
}

/** Reads `0.0.0.0:9643`, `[::]:9643` or `:9643` (every address). Throws a {@link ListenError}. */
export function parseListenAddress(text: string): ListenAddress {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) {
    throw new ListenError(
      `--listen ${text}: not an address and a port, such as 0.0.0.0:9643, 127.0.0.1:9643 or [::]:9643`,
    );
  }
  const host = found[1] ?? found[2] ?? "";
  return { port, ...(host === "" ? {} : { host }) };
}

/** Why nobody can listen there, and what to change. */
export function listenError(error: NodeJS.ErrnoException, listen: string, port: number): ListenError {
  return new ListenError(`cannot listen on ${listen}: ${wordsOf(error, port)}`, { cause: error });
}

function wordsOf({ code, message }: NodeJS.ErrnoException, port: number): string {
  const another = "choose another with --listen ADDRESS:PORT";
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is used by another program (ss -tlnp names it), or a second agent runs on this node; stop it, or ${another}`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "this node has no such address; choose one that it has (ip address), or 0.0.0.0 for all, with --listen ADDRESS:PORT";
    case "EAFNOSUPPORT":
      return `this node does not speak that family of addresses; ${another}`;
    case "EACCES":
      return `ports below 1024 need the capability NET_BIND_SERVICE; ${another}`;
    default:
      return `${message}; ${another}`;
  }
}
