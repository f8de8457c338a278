import type { PortSet } from "../../../net/port-set.ts";

/** A case of a first file, as it is to be written. */
export interface FirstCase {
  readonly name: string;
  readonly from: readonly FirstEnd[];
  readonly to: readonly FirstEnd[];
  readonly expect: "allow" | "deny";
  /** Absent: none is named. */
  readonly ports?: PortSet;
}

/** An end as it is to be written: a text, or a mapping. */
export type FirstEnd =
  | string
  | { readonly namespace: string }
  | { readonly namespaces: Readonly<Record<string, never>> }
  | { readonly anyone: true; readonly except: readonly FirstEnd[] }
  | { readonly outside: true; readonly cidr?: string; readonly except?: readonly string[] };
