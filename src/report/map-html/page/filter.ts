import type { PageData, PagePorts } from "../page-data.ts";

/** What is asked for; empty texts ask for everything. */
export interface Filter {
  /** Words that must all be in the names, states or ports of a connection. */
  readonly words: string;
  /** The namespace of one end. */
  readonly group: string;
  /** `80`, `53/udp` */
  readonly port: string;
}

export interface Port {
  readonly number: number;
  /** TCP if none is said. */
  readonly protocol: string;
}

/** The port that a text names; undefined if it names none. */
export function parsePort(text: string): Port | undefined {
  const match = /^\s*(\d{1,5})\s*(?:\/\s*(tcp|udp|sctp)\s*)?$/i.exec(text);
  const number = Number(match?.[1]);
  if (match === null || number < 1 || number > 65535) return undefined;
  return { number, protocol: (match[2] ?? "TCP").toUpperCase() };
}

export function hasPort({ tokens }: PagePorts, { number, protocol }: Port): boolean {
  return tokens.some((token) => {
    if (token === "all") return true;
    const [name, range = ""] = token.split("/");
    if (name !== protocol) return false;
    const [first = "", last = first] = range.split("-");
    return Number(first) <= number && number <= Number(last);
  });
}

/**
 * The connections that a filter lets through, as places in `connections`, in its order. A port that is none lets all
 * through, as one that is being typed does.
 */
export function matching(data: PageData, filter: Filter): number[] {
  const { peers, ports, connections } = data;
  const words = filter.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const port = parsePort(filter.port);
  const peerTexts = peers.map(({ id, name, detail, state, group }) =>
    `${id} ${name} ${detail} ${state ?? ""} ${group}`.toLowerCase(),
  );
  const portTexts = ports.map(({ text }) => text.toLowerCase());
  const portFits = ports.map((each) => port === undefined || hasPort(each, port));
  // Which words the texts of a peer have, as bits: there may be far more connections than peers.
  const wordsIn = (text: string): number =>
    words.reduce((bits, word, i) => (text.includes(word) ? bits | (1 << i) : bits), 0);
  const ofPeers = peerTexts.map(wordsIn);
  const ofPorts = portTexts.map(wordsIn);
  const all = wordsIn(words.join(" "));
  const found: number[] = [];
  for (let i = 0; i < connections.length; i += 4) {
    const [from, to, set] = [connections[i]!, connections[i + 1]!, connections[i + 2]!];
    if (!portFits[set] || (ofPeers[from]! | ofPeers[to]! | ofPorts[set]!) !== all) continue;
    if (filter.group !== "" && peers[from]!.group !== filter.group && peers[to]!.group !== filter.group)
      continue;
    found.push(i);
  }
  return found;
}
