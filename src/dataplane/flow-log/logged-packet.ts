import type { Direction } from "../../k8s/objects.ts";
import type { LoggedPacket as NflogPacket } from "../../linux/netfilter/nflog.ts";
import type { LogVerdict } from "../compile/frame.ts";
import type { FlowVerdict } from "./event.ts";

/** What the flow log reads of a packet that a rule logs. Its bytes are not kept: the buffer may be used again. */
export type LoggedPacket = Pick<NflogPacket, "prefix" | "family" | "payload">;

/** What a prefix says. */
export interface LoggedVerdict {
  readonly verdict: FlowVerdict;
  readonly direction: Direction;
}

const WORDS: Readonly<Record<FlowVerdict, LogVerdict>> = {
  denied: "deny",
  audited: "audit",
  allowed: "allow",
  "closed-at-birth": "birth",
};

/** The prefix of a rule that logs such packets: `podwall deny ingress`. */
export function logPrefix({ verdict, direction }: LoggedVerdict): string {
  return `podwall ${WORDS[verdict]} ${direction}`;
}

const VERDICTS: ReadonlyMap<string, LoggedVerdict> = new Map(
  (["denied", "audited", "allowed", "closed-at-birth"] as const).flatMap((verdict) =>
    (["ingress", "egress"] as const).map((direction) => {
      const logged: LoggedVerdict = { verdict, direction };
      return [logPrefix(logged), logged] as const;
    }),
  ),
);

/** What became of the packet; undefined if the prefix is none of ours. */
export function readPrefix(prefix: string): LoggedVerdict | undefined {
  return VERDICTS.get(prefix);
}
