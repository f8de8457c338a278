import { YAMLException } from "js-yaml";
import { type Document, parseDocument, visit, type YAMLParseError } from "yaml";
import { TOO_DEEP } from "./nesting.ts";
import { type TextProblem, templateHelp } from "./text-problem.ts";

/** Above this the second parser, which says more about an error, would take too long. In UTF-16 code units. */
const MAX_EXPLAINED = 2_000_000;

/**
 * Says what is wrong with a text that js-yaml refused with `error`. The place and the reason come from the `yaml`
 * package where it finds a fault of its own: it names the line that is wrong, not the line where parsing stopped.
 * Offsets are into `text`. An error that is not js-yaml's is thrown on.
 */
export function explainYamlError(text: string, error: unknown): TextProblem {
  if (!(error instanceof YAMLException)) throw error;
  const stop = Math.min(error.mark?.position ?? 0, text.length);
  // The second parser would run out of stack here.
  if (error.reason.startsWith("nesting exceeded")) {
    return {
      code: "yaml-syntax",
      offset: stop,
      message: TOO_DEEP,
      help: "No Kubernetes object is nested so deep: look for brackets or dashes that were repeated by mistake.",
    };
  }
  const conflict = /^(?:<{7} |>{7} |={7}$)/m.exec(text);
  if (conflict !== null) {
    return {
      code: "yaml-syntax",
      offset: conflict.index,
      message: "The text has the marks of an unfinished Git merge in it.",
      help: "Finish the merge: keep one side and remove the lines <<<<<<<, ======= and >>>>>>>.",
    };
  }
  const tab = tabProblem(text, stop, error.reason);
  if (tab !== undefined) return tab;
  const found = text.length <= MAX_EXPLAINED ? codedProblem(text, stop) : undefined;
  const problem = found ?? {
    code: "yaml-syntax",
    offset: stop,
    message: `This is not YAML: ${error.reason}.`,
  };
  const help = templateHelp(text) ?? problem.help;
  return help === undefined ? problem : { ...problem, help };
}

/** The fault if the line at which parsing stopped, or the one before it, is indented with a tab. */
function tabProblem(text: string, stop: number, reason: string): TextProblem | undefined {
  const line = text.lastIndexOf("\n", stop - 1) + 1;
  const previous = line === 0 ? 0 : text.lastIndexOf("\n", line - 2) + 1;
  for (const start of [line, previous]) {
    const indent = /^ *\t[ \t]*(?=[^\s#])/.exec(text.slice(start, start + 200));
    if (indent === null) continue;
    const more = text.slice(start).match(/^ *\t[ \t]*[^\s#]/gm)!.length - 1;
    const others = more === 0 ? "" : more === 1 ? " (so is 1 line below)" : ` (so are ${more} lines below)`;
    return {
      code: "yaml-tab",
      offset: start + indent[0].indexOf("\t"),
      message: `The line is indented with a tab${others}; YAML allows only spaces.`,
      help: "Replace each tab by spaces, as many as the lines around it have.",
    };
  }
  if (!reason.includes("tab char")) return undefined;
  return {
    code: "yaml-tab",
    offset: stop,
    message: "There is a tab where YAML allows only spaces.",
    help: "Replace the tab by spaces.",
  };
}

function codedProblem(text: string, stop: number): TextProblem | undefined {
  // Duplicate keys are found elsewhere, and `logLevel` keeps the package from printing warnings.
  const document = parseDocument(text, { version: "1.1", uniqueKeys: false, logLevel: "silent" });
  const error = document.errors.find(({ code }) => code !== "RESOURCE_EXHAUSTION");
  return error === undefined ? undefined : describe(text, document, error, stop);
}

function describe(text: string, document: Document, error: YAMLParseError, stop: number): TextProblem {
  const offset = error.pos[0];
  const at = (where: number, message: string, help?: string): TextProblem =>
    help === undefined
      ? { code: "yaml-syntax", offset: where, message }
      : { code: "yaml-syntax", offset: where, message, help };
  switch (error.code) {
    case "MULTILINE_IMPLICIT_KEY":
      return at(
        offset,
        `${JSON.stringify(lineText(text, offset))} is neither a key with its colon nor a list item.`,
        'Write "key: value" or "- item", with a space after the colon or the dash.',
      );
    case "BLOCK_AS_IMPLICIT_KEY":
      if (lineOf(text, stop) > lineOf(text, offset)) {
        return at(
          lineContent(text, stop),
          "The line is indented too far: the line above it already has its value.",
          "Align it with the line above.",
        );
      }
      return at(
        offset,
        "The value has a second colon followed by a space.",
        "Put the value in quotes, or begin a new line after the first colon.",
      );
    case "BAD_INDENT": {
      const opened = error.message.startsWith("Flow") ? openBracket(document, offset) : undefined;
      if (opened !== undefined) {
        return at(
          opened,
          `The ${text.charAt(opened)} that is opened here is not closed.`,
          "Close it, or indent what belongs into it.",
        );
      }
      return at(
        lineContent(text, offset),
        "The line is indented unlike the lines it belongs to.",
        "Align it with the other keys or items of the same level.",
      );
    }
    case "BAD_SCALAR_START":
      return at(
        offset,
        `A value cannot begin with ${text.charAt(offset)} without quotes.`,
        "Put the value in quotes.",
      );
    case "MISSING_CHAR": {
      const opened = openQuote(document, offset);
      if (opened !== undefined) {
        return at(opened, "A quote is opened here and never closed.", "Close it at the end of the value.");
      }
      return at(offset, `This is not YAML: ${reasonOf(error)}.`);
    }
    case "BAD_DQ_ESCAPE":
      return at(
        offset,
        `${reasonOf(error)}.`,
        "Between double quotes a backslash begins an escape: double it, or use single quotes.",
      );
    default:
      return at(offset, `This is not YAML: ${reasonOf(error)}.`);
  }
}

/** The message without the place that the package appends. */
function reasonOf(error: YAMLParseError): string {
  const first = error.message.split("\n")[0]!;
  return first.replace(/ at line \d+, column \d+:?$/, "").replace(/["']quote$/, "quote");
}

function openQuote(document: Document, end: number): number | undefined {
  let opened: number | undefined;
  visit(document, {
    Scalar(_key, node) {
      const range = node.range;
      if (range == null || !(node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE")) return;
      if (range[0] <= end && range[1] >= end) opened = range[0];
    },
  });
  return opened;
}

/** Where the innermost flow collection begins that is still open at an offset. */
function openBracket(document: Document, end: number): number | undefined {
  let opened: number | undefined;
  visit(document, {
    Collection(_key, node) {
      const range = node.range;
      if (range == null || node.flow !== true) return;
      if (range[0] < end && range[1] >= end) opened = range[0];
    },
  });
  return opened;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function lineText(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end < 0 ? undefined : end).trim();
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** The offset of the first character of a line that is no space. */
function lineContent(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  let content = start;
  while (text.charCodeAt(content) === 32) content++;
  return content;
}
