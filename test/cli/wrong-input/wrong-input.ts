/** A folder of manifests with one mistake, and what the message about it must say. */
export interface WrongInput {
  readonly name: string;
  /** File name to content. */
  readonly files: Readonly<Record<string, string>>;
  /** Further arguments for the command. */
  readonly args?: readonly string[];
  readonly expected: {
    /** Where the offending value starts (the key, for a field that should not be there), from 1. */
    readonly line?: number;
    readonly column?: number;
    /** Each must match the error text. They name the substance, not the wording. */
    readonly mentions: readonly RegExp[];
  };
}

/** What of the place is certain: both, the line alone where a message may point at either of its values, or none. */
export type Certainty = "column" | "line" | "none";

/**
 * A folder of one file. In `text` a `^` stands before the offending value; it is not part of the content.
 * The name of the file is always among the mentions. Throws if there is not exactly one `^`.
 */
export function wrongFile(
  name: string,
  file: string,
  text: string,
  mentions: readonly RegExp[],
  certainty: Certainty = "column",
): WrongInput {
  const [before, after, ...rest] = text.split("^");
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`${name}: wanted one ^`);
  const lines = before.split("\n");
  const line = lines.length;
  const column = (lines.at(-1) ?? "").length + 1;
  const place = certainty === "column" ? { line, column } : certainty === "line" ? { line } : {};
  return {
    name,
    files: { [file]: before + after },
    expected: { ...place, mentions: [new RegExp(file.replaceAll(".", "\\.")), ...mentions] },
  };
}

/** The text of NetworkPolicy shop/db-policy; `spec` is what stands below `spec:`, indented by two spaces. */
export function policy(spec: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-policy
  namespace: shop
spec:
${spec}`;
}

/** A policy on every pod of the namespace whose only ingress rule has these peers and ports, in YAML flow style. */
export function ingressRule(parts: { readonly from?: string; readonly port?: string }): string {
  const from = parts.from === undefined ? "" : `    from:\n    - ${parts.from}\n`;
  const ports = parts.port === undefined ? "" : `    ports:\n    - ${parts.port}\n`;
  return policy(`  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - # one rule
${from}${ports}`);
}
