import { parseCidr } from "../reference/ip.ts";
import type { Labels, RawContainer } from "../reference/raw.ts";
import { canonicalAddress } from "./addresses.ts";

export function isDnsLabel(name: string | undefined): boolean {
  return name !== undefined && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

export function isDnsSubdomain(name: string | undefined): boolean {
  return name !== undefined && name.length <= 253 && name.split(".").every(isDnsLabel);
}

/** RFC 6335 service names as the API server wants them: lower case, at most 15 characters, a letter, no `--`. */
export function isPortName(name: string): boolean {
  return (
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) &&
    name.length <= 15 &&
    /[a-z]/.test(name) &&
    !name.includes("--")
  );
}

export function isPortNumber(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65535;
}

export function isProtocol(protocol: unknown): boolean {
  return protocol === undefined || protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
}

/** A label key: a qualified name, with a DNS prefix if any. */
export function isLabelKey(key: string): boolean {
  return /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(key);
}

export function isLabelValue(value: string): boolean {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value);
}

export function labelProblems(labels: Labels): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !isLabelKey(key) || !isLabelValue(value))
    .map(([key, value]) => `label ${key}=${value}`);
}

/** A name may be there twice in a pod, but not in one container. */
export function containerPortProblems(container: RawContainer): string[] {
  const ports = container.ports ?? [];
  const names = ports.flatMap((port) => (port.name === undefined ? [] : [port.name]));
  return [
    ...ports
      .filter((port) => !isPortNumber(port.containerPort) || !isProtocol(port.protocol))
      .map((port) => `container port ${JSON.stringify(port)}`),
    ...names.filter((name, index) => !isPortName(name) || names.indexOf(name) !== index),
  ];
}

export function isCanonicalAddress(text: string): boolean {
  try {
    return canonicalAddress(text) === text;
  } catch {
    // Text that is no address at all is just as little a canonical one.
    return false;
  }
}

/** Whether the text is a CIDR that the API server takes without a warning: canonical address, no host bits. */
export function isCanonicalCidr(text: string): boolean {
  try {
    const { bits, prefix } = parseCidr(text);
    return !bits.slice(prefix).includes("1") && isCanonicalAddress(text.slice(0, text.indexOf("/")));
  } catch {
    return false;
  }
}
