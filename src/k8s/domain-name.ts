import { inWords } from "./check.ts";

const LABEL = "[A-Za-z0-9_](?:[-A-Za-z0-9_]*[A-Za-z0-9])?";
const DOMAIN_NAME = new RegExp(`^(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}\\.?$`);

/** What is wrong with a domain name of a policy, or undefined. Two labels at least, and `*.` only at the start. */
export function domainNameFault(text: string): { message: string; help?: string } | undefined {
  if (DOMAIN_NAME.test(text)) return undefined;
  const message = `${inWords(text)} is not a domain name.`;
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/:]+)/i.exec(text)?.[1];
  if (host !== undefined) return { message, help: `Write ${host}, without a scheme and a path.` };
  if (text.lastIndexOf("*") > 0) {
    return { message, help: "A * stands for whole labels and only at the start: *.example.com." };
  }
  if (text.startsWith("*")) {
    return { message, help: "Write *. and a domain of at least two labels: *.example.com." };
  }
  if (!text.includes(".")) return { message, help: "It needs at least two labels: example.com." };
  return { message, help: "Write a domain such as example.com or *.example.com." };
}
