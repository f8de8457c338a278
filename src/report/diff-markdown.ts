import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import { isDangerous } from "../analysis/diff/danger.ts";
import { describePolicy } from "../policy/describe.ts";
import { type DiffNames, diffNames } from "./diff-names.ts";
import { namespaceLine, workloadLine } from "./diff-objects.ts";
import { reasonTexts } from "./diff-reason.ts";
import { changePorts, dangerText, diffHeadline } from "./diff-words.ts";
import { fileAndLine, policyPosition } from "./explain-words.ts";
import { markdownCode, markdownRow, markdownText } from "./markdown.ts";

/** GitHub refuses comments of more than 65,536 characters. */
const LONGEST = 65_000;

/** What is kept for the notes about what is left out, and the ends of sections. */
const RESERVED = 3000;

/** Longer tables are folded, but for the dangerous one. */
const MOST_UNFOLDED = 10;

/** A comment for a pull request: the headline, what is dangerous, then the rest, of which long parts are folded. */
export function diffMarkdown(
  diff: ConnectionDiff,
  sides: { readonly before: string; readonly after: string },
): string {
  const names = diffNames(diff.peers);
  const { changes, isolation, objects } = diff;
  const dangerous = changes.filter(isDangerous);
  const rest = changes.filter((change) => !isDangerous(change));
  const of = (change: "opens" | "closes", cause: "policy" | "pods"): ConnectionChange[] =>
    rest.filter((each) => each.change === change && each.cause === cause);

  const page = createPage(LONGEST - RESERVED);
  page.add(`### podwall: ${diffHeadline(diff)}\n\n`);
  page.add(`From ${markdownCode(sides.before)} to ${markdownCode(sides.after)}.\n\n`);
  const table = (
    title: string,
    list: readonly ConnectionChange[],
    isFolded = list.length > MOST_UNFOLDED,
  ): void => page.section(title, isFolded, HEAD, list, (change) => row(change, names));
  table("Opens, and is dangerous", dangerous, false);
  table("Opens", of("opens", "policy"));
  table("Opens, because pods, namespaces or nodes changed", of("opens", "pods"));
  table("Closes", of("closes", "policy"));
  table("Closes, because pods, namespaces or nodes changed", of("closes", "pods"));
  page.section("Isolation", isolation.length > MOST_UNFOLDED, "", isolation, ({ peer, direction, now }) => {
    const what =
      now === "isolated" ? `now isolated for ${direction}` : `not isolated for ${direction} any more`;
    return `- ${markdownCode(names.one(peer))} ${what}\n`;
  });
  page.section("Policies", true, "", objects.policies, ({ change, before, after }) => {
    const policy = (after ?? before)!;
    const place = fileAndLine(policyPosition(policy));
    const words = change === "rewritten" ? "says the same in other words" : change;
    return `- ${markdownCode(describePolicy(policy))} ${words}, ${markdownCode(place)}\n`;
  });
  page.section(
    "Pods",
    objects.workloads.length > MOST_UNFOLDED,
    "",
    objects.workloads,
    (workload) => `- ${markdownText(workloadLine(workload, names))}\n`,
  );
  page.section(
    "Namespaces",
    objects.namespaces.length > MOST_UNFOLDED,
    "",
    objects.namespaces,
    (namespace) => `- ${markdownText(namespaceLine(namespace))}\n`,
  );
  return page.text();
}

const HEAD = markdownRow(["From", "To", "Ports", "Why"]) + markdownRow(["---", "---", "---", "---"]);

function row(change: ConnectionChange, names: DiffNames): string {
  const danger = dangerText(change);
  const why = reasonTexts(change).map(({ text, place }) =>
    place === undefined ? markdownText(text) : `${markdownText(text)} (${markdownCode(fileAndLine(place))})`,
  );
  if (change.reasonOfOne === true && why.length > 0) why[0] = `for example: ${why[0]}`;
  return markdownRow([
    markdownCode(names.list(change.from, change.to)),
    change.within ? "its other pods" : markdownCode(names.list(change.to, change.from)),
    markdownText(changePorts(change)),
    [...(danger === "" ? [] : [`**${markdownText(danger)}**`]), ...why].join("<br>"),
  ]);
}

/** A text that grows up to a length. */
interface Page {
  add(text: string): void;
  /** Items under a title, as far as there is room, with a count of those that are left out. Nothing without items. */
  section<T>(
    title: string,
    isFolded: boolean,
    head: string,
    items: readonly T[],
    write: (item: T) => string,
  ): void;
  text(): string;
}

function createPage(longest: number): Page {
  const parts: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    parts.push(text);
    length += text.length;
  };
  return {
    add,
    section: (title, isFolded, head, items, write) => {
      if (items.length === 0) return;
      const heading = `${title} (${items.length.toLocaleString("en")})`;
      add(isFolded ? `<details><summary>${heading}</summary>\n\n` : `#### ${heading}\n\n`);
      add(head);
      let shown = 0;
      for (const item of items) {
        const text = write(item);
        if (length + text.length > longest) break;
        add(text);
        shown++;
      }
      const left = items.length - shown;
      if (left > 0) {
        add(
          `\n${left.toLocaleString("en")} more ${left === 1 ? "is" : "are"} left out here, as a comment may not be longer; \`podwall diff -o json\` tells all.\n`,
        );
      }
      add(isFolded ? "\n</details>\n\n" : "\n");
    },
    text: () => `${parts.join("").trimEnd()}\n`,
  };
}
