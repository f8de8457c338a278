import type { FindingCode } from "../../k8s/finding-codes.ts";
import { dnsLabelFault, dnsSubdomainFault } from "../../k8s/names.ts";
import { didYouMean } from "../../k8s/suggest.ts";
import { type Address, parseAddress } from "../../net/address.ts";

/** Everybody that can be named by one word. */
export const WORDS = ["anyone", "outside"] as const;

/** An end as people write it in one text. */
export type EndText =
  | { readonly kind: (typeof WORDS)[number] }
  | { readonly kind: "address"; readonly address: Address }
  /** Not checked to be a CIDR. */
  | { readonly kind: "block"; readonly cidr: string }
  | { readonly kind: "name"; readonly name: string };

/** What is wrong with a text. */
export interface TextFault {
  readonly code: FindingCode;
  readonly message: string;
  readonly help?: string | undefined;
}

/** An end, and what stands behind its colon. */
export interface EndWithPort {
  readonly end: EndText;
  readonly port?: string;
}

const FORMS =
  "Write a pod or workload (shop/db), an address (192.0.2.1), a block (10.0.0.0/8), anyone or outside.";

/**
 * Reads `shop/db`, `shop/db:3306/UDP`, `192.0.2.1`, `[2001:db8::1]:53`, `10.0.0.0/8`, `anyone`. A name without a
 * namespace is one of the namespace `fallback`.
 */
export function parseEndText(text: string, fallback: string): EndWithPort | TextFault {
  if (parseAddress(text)?.family === 6 || /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*\/\d+$/.test(text)) {
    return withPort(addressOrBlock(text)!, undefined);
  }
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const end = addressOrBlock(bracketed[1]!);
    if (end === undefined) {
      return { code: "bad-address", message: `[${bracketed[1]}] is no IPv6 address or block.`, help: FORMS };
    }
    return withPort(end, bracketed[2]);
  }
  const colon = text.indexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? undefined : text.slice(colon + 1);
  if (port?.includes(":") === true) {
    return {
      code: "bad-address",
      message: `${JSON.stringify(text)} has more than one colon, and is no IPv6 address.`,
      help: "An IPv6 address with a port stands in brackets and quotes: '[2001:db8::1]:53'.",
    };
  }
  const word = WORDS.find((known) => known === host);
  if (word !== undefined) return withPort({ kind: word }, port);
  return withPort(addressOrBlock(host) ?? nameEnd(host, fallback), port);
}

function withPort(end: EndText | TextFault, port: string | undefined): EndWithPort | TextFault {
  if ("code" in end) return end;
  return port === undefined ? { end } : { end, port };
}

/** Undefined for what does not look like one. */
function addressOrBlock(text: string): EndText | TextFault | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return { kind: "address", address };
  if (/^[0-9a-fA-F:.]+\/\d+$/.test(text) && (/^[0-9.]+\//.test(text) || text.includes(":")))
    return { kind: "block", cidr: text };
  if (/^[0-9]+(\.[0-9]+){3}$/.test(text)) {
    return { code: "bad-address", message: `${text} is no IPv4 address.`, help: "Each part is 0 to 255." };
  }
  return undefined;
}

function nameEnd(text: string, fallback: string): EndText | TextFault {
  const match = /^(?:([^/]*)\/)?([^/[]*)(\[[A-Za-z0-9]+\])?$/.exec(text);
  if (match === null) {
    return {
      code: "bad-name",
      message: `${JSON.stringify(text)} names no end of a connection.`,
      help: FORMS,
    };
  }
  const [, namespace = fallback, name, kind = ""] = match;
  if (name === "") {
    return {
      code: "bad-name",
      message: `${JSON.stringify(text)} names no pod and no workload.`,
      help: FORMS,
    };
  }
  const nameFault = dnsSubdomainFault(name!);
  if (nameFault !== undefined) {
    const help = didYouMean(text, [...WORDS]) ?? FORMS;
    return { code: "bad-name", message: `The name ${JSON.stringify(name)} ${nameFault}.`, help };
  }
  const namespaceFault = dnsLabelFault(namespace);
  if (namespaceFault !== undefined) {
    const message = `The namespace ${JSON.stringify(namespace)} ${namespaceFault}.`;
    return { code: "bad-name", message, help: FORMS };
  }
  return { kind: "name", name: `${namespace}/${name}${kind}` };
}
