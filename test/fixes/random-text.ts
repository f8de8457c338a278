import { Document, isCollection, isNode, isPair, visit } from "yaml";
import { objectsOf } from "../generators/objects-of.ts";
import type { Random } from "../generators/random.ts";
import type { RawCluster } from "../reference/raw.ts";

/** A cluster's objects in one text, written as some person or program might. */
export function randomText(random: Random, cluster: RawCluster): string {
  const objects = random.sample(objectsOf(cluster), random.int(1, 5));
  const asList = random.chance(0.3);
  const values: unknown[] = asList ? [{ apiVersion: "v1", kind: "List", items: objects }] : objects;
  const text = random.chance(0.3) ? jsonText(random, values) : yamlText(random, values);
  const lines = random.chance(0.2) ? text.replaceAll("\n", "\r\n") : text;
  const ended = random.chance(0.2) ? lines.replace(/\r?\n$/, "") : lines;
  return random.chance(0.1) ? `\ufeff${ended}` : ended;
}

function jsonText(random: Random, values: readonly unknown[]): string {
  const indent = random.pick([undefined, 1, 2, 4, "\t"]);
  return `${values.map((value) => JSON.stringify(value, null, indent)).join("\n")}\n`;
}

function yamlText(random: Random, values: readonly unknown[]): string {
  const indent = random.pick([2, 2, 4]);
  const indentSeq = random.chance(0.5);
  const flow = random.pick([0, 0.1, 0.5]);
  const comments = random.pick([0, 0.3]);
  let count = 0;
  const texts = values.map((value) => {
    const document = new Document(value, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
    const inFlow = new Set<unknown>();
    visit(document, {
      Collection(_key, node, path) {
        if (path.length > 1 && (path.some((parent) => inFlow.has(parent)) || random.chance(flow))) {
          inFlow.add(node);
          node.flow = true;
        }
      },
      Node(_key, node, path) {
        if (path.some((parent) => inFlow.has(parent)) || inFlow.has(node) || !random.chance(comments)) return;
        const parent = path.at(-1);
        const isBlockKey = isPair(parent) && parent.key === node;
        // What a comment may stand before without the printer moving the value to a line of its own.
        if (isBlockKey || (isCollection(parent) && isNode(node)))
          node.commentBefore = ` before ${count++}: - x`;
        else if (!isCollection(node)) node.comment = ` beside ${count++}: {`;
      },
    });
    return document.toString({
      indent,
      indentSeq,
      lineWidth: random.pick([0, 40]),
      flowCollectionPadding: random.chance(0.5),
    });
  });
  return texts.join("---\n");
}
