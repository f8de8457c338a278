import { expect, it } from "vitest";
import { changeLines, diffOf, podText, policyText } from "./diff.fixture.ts";

const PODS = [
  podText("web", "app: web", ["80"]),
  podText("db", "app: db", ["5432"]),
  podText("tool", "app: tool"),
  podText("batch/job", "app: job"),
].join("");
const closed = policyText("all", "podSelector: {}");

/** The changes and dangers when a policy with these rules comes on top of none. */
function dangers(selector: string, rule: string): string[] {
  const policy = policyText("more", `podSelector: {matchLabels: {app: ${selector}}}\n  ingress: [${rule}]`);
  const diff = diffOf(`${PODS}---\n${closed}`, `${PODS}---\n${closed}---\n${policy}`);
  expect(changeLines(diff)).toHaveLength(diff.changes.length);
  return diff.changes.map(({ danger, wellKnown }) => `${danger} ${wellKnown.map(({ name }) => name)}`);
}

const FROM_WEB = "from: [{podSelector: {matchLabels: {app: web}}}]";
const FROM_JOB = "from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: batch}}}]";

it.each([
  ["tool", "{from: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 80}]}", "from-outside "],
  ["db", "{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}", "from-outside PostgreSQL"],
  // The pod declares the port, or the rule names it.
  ["db", `{${FROM_WEB}}`, "sensitive-port PostgreSQL"],
  ["tool", `{${FROM_WEB}, ports: [{port: 6379}]}`, "sensitive-port Redis"],
  // Nobody says that anything listens there.
  ["tool", `{${FROM_WEB}}`, "within-namespace "],
  ["tool", `{${FROM_WEB}, ports: [{port: 1024, endPort: 65535}]}`, "within-namespace "],
  ["tool", `{${FROM_JOB}, ports: [{port: 80}]}`, "across-namespaces "],
])("of pod %s with %s is %s", (selector, rule, danger) => {
  expect(dangers(selector, rule)).toEqual([danger]);
});
