import { lineStart } from "./text-change.ts";
import { type TextNode, visitAll } from "./text-tree.ts";
import type { BlockStyle } from "./write-value.ts";

/** How a document is indented, judged by the first places where it shows. */
export function styleOf(text: string, root: TextNode | undefined): BlockStyle {
  let indent: number | undefined;
  let indentLists: boolean | undefined;
  const column = (offset: number): number => offset - lineStart(text, offset);
  if (root !== undefined) {
    visitAll(root, (node) => {
      if (node.kind !== "map") return;
      for (const { start, value } of node.fields) {
        const deeper = column(value.start) - column(start);
        const isBelow = lineStart(text, value.start) > start;
        if (node.flow) {
          if (isBelow || lineStart(text, start) > node.start) indent ??= column(start) - column(root.start);
        } else if (isBelow && value.kind === "map" && deeper > 0) indent ??= deeper;
        else if (isBelow && value.kind === "list") indentLists ??= deeper > 0;
      }
    });
  }
  return {
    indent: indent === undefined || indent < 1 || indent > 8 ? 2 : indent,
    indentLists: indentLists ?? false,
  };
}
