import type { FirstCase, FirstEnd } from "../analysis/assertions/first/first-case.ts";
import { resolvePlainScalar } from "../k8s/yaml-scalar.ts";
import { portSetTokens } from "../net/port-set.ts";

/**
 * A first file of assertions. `schema` is the way from the file to the JSON Schema, for editors that follow
 * yaml-language-server's comments.
 */
export function firstYaml(cases: readonly FirstCase[], schema: string | undefined): string {
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    "# What may pass, and what may not, as it was when podwall test --init wrote this. Keep what must stay true, rename it",
    "# to say why, and take out what just happens to be so.",
    "cases:",
    ...cases.flatMap(caseLines),
    "",
  ].join("\n");
}

function caseLines({ name, from, to, expect, ports }: FirstCase): string[] {
  const tokens = ports === undefined ? [] : portSetTokens(ports).map(portText);
  const [target] = to;
  const [port] = tokens;
  // One port fits behind a name; behind anything else its colon would have to be explained.
  const behind = to.length === 1 && tokens.length === 1 && typeof target === "string" && target.includes("/");
  return [
    `- name: ${scalar(name, BLOCK)}`,
    ...endLines("from", from),
    ...(behind ? [`  to: ${scalar(`${target}:${port}`, BLOCK)}`] : endLines("to", to)),
    ...(tokens.length === 0 || behind
      ? []
      : [`  ports: [${tokens.map((each) => scalar(each, FLOW)).join(", ")}]`]),
    `  expect: ${expect}`,
  ];
}

/** `3306`, `53/UDP`, `8000-8080`, `icmp`, `all`. */
function portText(token: string): string {
  if (token === "all") return token;
  if (token === "other") return "icmp";
  const [protocol, ports] = token.split("/");
  return protocol === "TCP" ? ports! : `${ports}/${protocol}`;
}

/** How long a line may be before a list gets a line for each end. */
const LONGEST = 100;

function endLines(side: "from" | "to", ends: readonly FirstEnd[]): string[] {
  if (ends.length === 1) {
    const [end] = ends as readonly [FirstEnd];
    const line = `  ${side}: ${typeof end === "string" ? scalar(end, BLOCK) : flow(end)}`;
    return typeof end === "string" || line.length <= LONGEST ? [line] : [`  ${side}:`, ...blockLines(end)];
  }
  const line = `  ${side}: [${ends.map(flow).join(", ")}]`;
  return line.length <= LONGEST ? [line] : [`  ${side}:`, ...ends.map((end) => `  - ${flow(end)}`)];
}

/** A mapping that is too long for a line. */
function blockLines(end: Exclude<FirstEnd, string>): string[] {
  if (!("anyone" in end)) return [`  - ${flow(end)}`];
  return ["    anyone: true", "    except:", ...end.except.map((each) => `    - ${flow(each)}`)];
}

function flow(end: FirstEnd): string {
  if (typeof end === "string") return scalar(end, FLOW);
  const fields = Object.entries(end).map(([key, value]) => {
    if (Array.isArray(value)) return `${key}: [${(value as FirstEnd[]).map(flow).join(", ")}]`;
    return `${key}: ${typeof value === "string" ? scalar(value, FLOW) : JSON.stringify(value)}`;
  });
  return `{${fields.join(", ")}}`;
}

/** What may stand without quotes, with what else a plain scalar may have where no brackets or commas end it. */
const FLOW = /^[A-Za-z0-9][A-Za-z0-9./-]*$/;
const BLOCK = /^[A-Za-z0-9][A-Za-z0-9./,-]*(?:[ :][A-Za-z0-9./,-]+)*$/;

/** A text that YAML reads as this very text; of digits alone it stays a number, which a port may be. */
function scalar(text: string, plain: RegExp): string {
  const isPort = /^[1-9]\d*$/.test(text);
  return plain.test(text) && (isPort || resolvePlainScalar(text) === text) ? text : JSON.stringify(text);
}
