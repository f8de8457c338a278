import type { ResolvedEnd } from "./end.ts";
import type { Direction, RawCluster, RawPod } from "./raw.ts";
import type { Traffic } from "./traffic.ts";

/** A connection seen from one of its pods: `subject` is the pod whose policies are asked, `remote` the far end. */
export interface Question {
  cluster: RawCluster;
  direction: Direction;
  subject: RawPod;
  remote: ResolvedEnd;
  /** The pod that receives the connection, in both directions: named ports are its. */
  destination: ResolvedEnd;
  traffic: Traffic;
}

/** What a tier says; `pass` hands the question to the next one. */
export type TierVerdict = "allow" | "deny" | "pass";
