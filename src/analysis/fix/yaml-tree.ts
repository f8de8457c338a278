import { CST, Parser } from "yaml";
import { keyText, resolvePlainScalar } from "../../k8s/yaml-scalar.ts";
import type {
  FieldText,
  ItemText,
  ListText,
  MapText,
  ScalarStyle,
  ScalarText,
  TextNode,
} from "./text-tree.ts";

/**
 * Where everything is in a text that is one YAML document. Undefined if the parser, which is another than the one that
 * reads manifests, does not take it for exactly one, or if it is empty.
 */
export function yamlTree(text: string): TextNode | undefined {
  let value: CST.Token | undefined;
  for (const token of new Parser().parse(text)) {
    if (token.type === "error" || (token.type === "document" && value !== undefined)) return undefined;
    if (token.type === "document") value = token.value;
  }
  return value === undefined ? undefined : nodeOf(value, NO_PROPS);
}

/** What stands before a value: its anchor and its tag, and where the last of them ends. */
interface Props {
  readonly anchor?: string;
  readonly tagged: boolean;
  /** Where the value is if there is nothing of it, and where what stands before it ends. */
  readonly place: number;
  readonly end: number;
}

const NO_PROPS: Props = { tagged: false, place: 0, end: 0 };

function endOfToken(token: CST.SourceToken): number {
  return token.offset + token.source.length;
}

/** Reads the tokens before a value; `place` and `end` are those of the key or the dash. */
function propsOf(tokens: readonly CST.SourceToken[], place: number, from: number): Props {
  let props: Props = { tagged: false, place, end: from };
  for (const token of tokens) {
    if (token.type === "anchor") props = { ...props, anchor: token.source.slice(1), end: endOfToken(token) };
    else if (token.type === "tag") props = { ...props, tagged: true, end: endOfToken(token) };
  }
  return props;
}

function written(
  props: Props,
  start: number,
  end: number,
): Pick<TextNode, "start" | "end" | "place" | "tagged"> {
  const { anchor, tagged } = props;
  return { start, end, place: start, tagged, ...(anchor === undefined ? {} : { anchor }) };
}

function nodeOf(token: CST.Token | null | undefined, props: Props): TextNode {
  switch (token?.type) {
    case "alias": {
      const end = token.offset + token.source.length;
      return { kind: "alias", name: token.source.slice(1), ...written(props, token.offset, end) };
    }
    case "scalar":
    case "single-quoted-scalar":
    case "double-quoted-scalar":
      return scalarOf(token, props);
    case "block-scalar":
      return blockScalarOf(token, props);
    case "block-map":
      return mapOf(token.items, props, undefined);
    case "block-seq":
      return listOf(token, props);
    case "flow-collection": {
      const closer = token.end.find(({ type }) => type === "flow-map-end" || type === "flow-seq-end");
      const span = { start: token.offset, end: closer === undefined ? token.offset + 1 : endOfToken(closer) };
      return token.start.type === "flow-map-start"
        ? mapOf(token.items, props, span)
        : flowListOf(token.items, props, span);
    }
    default:
      return {
        kind: "scalar",
        style: "empty",
        ...written(props, props.end, props.end),
        place: props.place,
      };
  }
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  scalar: "plain",
  "single-quoted-scalar": "single",
  "double-quoted-scalar": "double",
};

function scalarOf(token: CST.FlowScalar, props: Props): ScalarText {
  const style = STYLES[token.type]!;
  const { offset, source } = token;
  return source === ""
    ? { kind: "scalar", style: "empty", ...written(props, props.end, props.end), place: props.place }
    : { kind: "scalar", style, ...written(props, offset, offset + source.length) };
}

function blockScalarOf(token: CST.BlockScalar, props: Props): ScalarText {
  const header = token.props.find((prop) => prop.type === "block-scalar-header") as CST.SourceToken;
  const last = token.props.at(-1) as CST.SourceToken;
  // Blank lines at the end belong to the text only behind |+.
  const source = header.source.includes("+") ? token.source.replace(/\r?\n$/, "") : token.source.trimEnd();
  const end = source.trim() === "" ? endOfToken(header) : endOfToken(last) + source.length;
  return { kind: "scalar", style: "block", ...written(props, header.offset, end) };
}

type Span = { readonly start: number; readonly end: number };

type CollectionItem = CST.BlockMap["items"][number] | CST.FlowCollection["items"][number];

function mapOf(items: readonly CollectionItem[], props: Props, flow: Span | undefined): MapText {
  const fields = items.flatMap((item) => fieldOf(item));
  const start = flow?.start ?? fields[0]?.start ?? props.end;
  const end = flow?.end ?? fields.at(-1)?.end ?? props.end;
  return { kind: "map", flow: flow !== undefined, fields, ...written(props, start, end) };
}

function fieldOf({ start, key, sep, value }: CollectionItem): FieldText[] {
  const colon = sep?.find(({ type }) => type === "map-value-ind");
  const explicit = start.find(({ type }) => type === "explicit-key-ind");
  if (key === undefined && colon === undefined && explicit === undefined) {
    // In braces a value alone is a key; elsewhere these are comments after the last field.
    if (value === undefined) return [];
    return fieldOf({ start, key: value, sep: [] });
  }
  const before = explicit?.offset ?? key?.offset ?? colon!.offset;
  const keyNode = nodeOf(key, propsOf(start, before, explicit === undefined ? before : endOfToken(explicit)));
  const colonEnd = colon === undefined ? keyNode.end : endOfToken(colon);
  const valueNode = nodeOf(value, propsOf(sep ?? [], keyNode.place, colonEnd));
  const name = explicit === undefined && colon !== undefined ? nameOf(key, keyNode) : undefined;
  return [
    {
      key:
        keyNode.kind === "scalar"
          ? keyNode
          : { kind: "scalar", style: "block", ...written(NO_PROPS, keyNode.start, keyNode.end) },
      name,
      colonEnd,
      value: valueNode,
      start: explicit?.offset ?? keyNode.start,
      end: Math.max(valueNode.end, colonEnd),
    },
  ];
}

function nameOf(token: CST.Token | null | undefined, key: TextNode): string | undefined {
  if (key.kind !== "scalar" || key.tagged || key.anchor !== undefined || !CST.isScalar(token))
    return undefined;
  if (key.style === "plain") {
    return token.source === "<<" ? undefined : keyText(resolvePlainScalar(token.source));
  }
  return key.style === "single" || key.style === "double" ? CST.resolveAsScalar(token).value : undefined;
}

function listOf(token: CST.BlockSequence, props: Props): ListText {
  const items = token.items.flatMap((item): ItemText[] => {
    const dash = item.start.find(({ type }) => type === "seq-item-ind");
    if (dash === undefined) return [];
    const value = nodeOf(item.value, propsOf(item.start, dash.offset, endOfToken(dash)));
    return [{ value, start: dash.offset, end: value.end }];
  });
  const start = items[0]?.start ?? props.end;
  return { kind: "list", flow: false, items, ...written(props, start, items.at(-1)?.end ?? start) };
}

function flowListOf(tokens: readonly CollectionItem[], props: Props, { start, end }: Span): ListText {
  const items = tokens.flatMap((item): ItemText[] => {
    if (item.key !== undefined || item.sep !== undefined) {
      // [a: 1] is a list of mappings of one field.
      const map = mapOf([item], NO_PROPS, undefined);
      return [{ value: { ...map, flow: true }, start: map.start, end: map.end }];
    }
    if (item.value === undefined) return [];
    const value = nodeOf(item.value, propsOf(item.start, item.value.offset, item.value.offset));
    return [{ value, start: value.start, end: value.end }];
  });
  return { kind: "list", flow: true, items, ...written(props, start, end) };
}
