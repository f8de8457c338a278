import { NO_PORTS, type PortSet, portSetTokens, subtractPorts, unionPorts } from "../../net/port-set.ts";
import type { Outcome } from "../decompile/chain-function.ts";
import { type Difference, namesField } from "./difference.ts";

/** Gathers the peers that the kernel treats otherwise, by what it lets pass. */
export interface WrongPeers {
  take(outcome: Outcome, expected: PortSet, names: () => readonly string[]): void;
  differences(): Omit<Difference, "code">[];
}

export function wrongPeers(): WrongPeers {
  const found = new Map<string, { outcome: Outcome; expected: PortSet; names: string[] }>();
  return {
    take: (outcome, expected, names) => {
      const { passes, skipsIngress, unknown } = outcome;
      if (passes === expected && skipsIngress === NO_PORTS && unknown === NO_PORTS) return;
      const key = `${passes.id} ${skipsIngress.id} ${unknown.id} ${expected.id}`;
      let same = found.get(key);
      if (same === undefined) {
        same = { outcome, expected, names: [] };
        found.set(key, same);
      }
      for (const name of names()) same.names.push(name);
    },
    differences: () =>
      [...found.values()].flatMap(({ outcome, expected, names }) => {
        const fields = differenceOfPorts(outcome, expected);
        return Object.keys(fields).length === 0 ? [] : [{ ...namesField(names), ...fields }];
      }),
  };
}

function differenceOfPorts(
  { passes, skipsIngress, unknown }: Outcome,
  expected: PortSet,
): Pick<Difference, "moreOpen" | "moreClosed" | "skipsIngress"> {
  // Of what is unknown nothing is said here: the rule is reported.
  const moreOpen = subtractPorts(unionPorts(passes, skipsIngress), expected);
  const moreClosed = subtractPorts(subtractPorts(expected, unionPorts(passes, skipsIngress)), unknown);
  return {
    ...(moreOpen === NO_PORTS ? {} : { moreOpen: portSetTokens(moreOpen) }),
    ...(moreClosed === NO_PORTS ? {} : { moreClosed: portSetTokens(moreClosed) }),
    ...(skipsIngress === NO_PORTS ? {} : { skipsIngress: portSetTokens(skipsIngress) }),
  };
}
