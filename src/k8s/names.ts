// The syntax of names, from k8s.io/apimachinery `util/validation`. Each function returns what is wrong with a text,
// as the end of a sentence that begins with the text, or undefined if nothing is.

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** A name of at most 63 characters: of namespaces. RFC 1123 label. */
export function dnsLabelFault(text: string): string | undefined {
  if (text.length > 63) return "has more than 63 characters";
  if (DNS_LABEL.test(text)) return undefined;
  return "may have only a-z, 0-9 and -, and must begin and end with a letter or digit";
}

/** A name of at most 253 characters: of most objects. RFC 1123 subdomain. */
export function dnsSubdomainFault(text: string): string | undefined {
  if (text.length > 253) return "has more than 253 characters";
  if (DNS_SUBDOMAIN.test(text)) return undefined;
  return "may have only a-z, 0-9, - and ., and each part must begin and end with a letter or digit";
}

/** A label key: an optional DNS prefix with a slash, and a name of at most 63 characters. */
export function labelKeyFault(text: string): string | undefined {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  if (slash >= 0) {
    const prefix = text.slice(0, slash);
    if (prefix === "") return "has nothing before its slash";
    const fault = dnsSubdomainFault(prefix);
    if (fault !== undefined) return `has a prefix (${prefix}) that ${fault}`;
  }
  if (name.includes("/")) return "has more than one slash";
  if (name === "") return "is empty";
  if (name.length > 63) return "has more than 63 characters in its name";
  if (LABEL_NAME.test(name)) return undefined;
  return "may have only letters, digits, -, _ and ., and must begin and end with a letter or digit";
}

/** A label value: empty, or at most 63 characters. */
export function labelValueFault(text: string): string | undefined {
  if (text === "") return undefined;
  if (text.length > 63) return "has more than 63 characters";
  if (LABEL_NAME.test(text)) return undefined;
  return "may have only letters, digits, -, _ and ., and must begin and end with a letter or digit";
}

/** A port name: an IANA service name, RFC 6335 5.1. */
export function portNameFault(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.length > 15) return "has more than 15 characters";
  if (!/^[-a-z0-9]+$/.test(text)) return "may have only a-z, 0-9 and -";
  if (!/[a-z]/.test(text)) return "has no letter";
  if (text.includes("--")) return "has two dashes in a row";
  if (text.startsWith("-") || text.endsWith("-")) return "must not begin or end with a dash";
  return undefined;
}
