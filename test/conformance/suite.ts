import { readFileSync } from "node:fs";
import type { Labels, Protocol, RawContainerPort, RawNetworkPolicy } from "../reference/raw.ts";
import type { RawClusterNetworkPolicy } from "../reference/raw-cluster-policy.ts";

/** The upstream conformance suite of ClusterNetworkPolicy v1alpha2 as its file has it. */
export interface Suite {
  /** By address, which is all that is said of them. */
  nodes: Record<string, Labels>;
  namespaces: Record<string, Labels>;
  pods: SuitePod[];
  tests: SuiteTest[];
}

export interface SuitePod {
  ns: string;
  name: string;
  labels: Labels;
  ip: string;
  /** Whether it is on the host network. */
  host: boolean;
  ports: RawContainerPort[];
}

export interface SuiteTest {
  test: string;
  /** Set on top of the base state before the first step. */
  initial: SuitePolicy[];
  steps: SuiteStep[];
}

export type SuitePolicy = RawClusterNetworkPolicy | RawNetworkPolicy;

export type SuiteStep =
  | { set: "ClusterNetworkPolicy" | "NetworkPolicy"; object: SuitePolicy }
  | { set: "Namespace"; name: string; labels: Labels }
  | { delete: "NetworkPolicy"; name: string }
  | { poke: SuitePoke };

export interface SuitePoke {
  /** The name of the sub-test. */
  sub: string;
  /** Pods as "namespace/name". */
  from: string;
  to: string;
  protocol: Protocol;
  port: number;
  expect: "allow" | "drop";
}

/** Reads the file. @throws Error when it cannot be read or is no JSON. */
export function readSuite(path: string): Suite {
  return JSON.parse(readFileSync(path, "utf8")) as Suite;
}
