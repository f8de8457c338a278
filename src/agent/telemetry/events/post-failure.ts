import { KubeError } from "../../../source/kube/kube-error.ts";

/** What becomes of an event that could not be posted. */
export type PostFailure =
  /** Somebody else has posted it. */
  | { readonly outcome: "exists" }
  /** None of them can be posted for now. */
  | { readonly outcome: "pause"; readonly millis: number; readonly code: string; readonly message: string }
  /** This one cannot be posted. */
  | { readonly outcome: "refused"; readonly code: string; readonly message?: string };

const UNREACHABLE_MILLIS = 60_000;
const FORBIDDEN_MILLIS = 10 * 60_000;
const RULE = '{apiGroups: [""], resources: ["events"], verbs: ["create"]}';

/** Failures with the same code are told once; those without a message never. */
export function postFailure(error: unknown): PostFailure {
  if (!(error instanceof KubeError)) {
    const said = error instanceof Error ? error.message : String(error);
    return { outcome: "refused", code: "error", message: `an event about a policy was not posted: ${said}` };
  }
  const { code, message } = error;
  switch (code) {
    case "conflict":
      return { outcome: "exists" };
    // The namespace has gone or is going, and its policies with it.
    case "not-found":
      return { outcome: "refused", code };
    case "forbidden":
      if (/being terminated/.test(message)) return { outcome: "refused", code: "terminating" };
      return {
        outcome: "pause",
        millis: FORBIDDEN_MILLIS,
        code,
        message: `no events about policies can be posted, which kubectl events would show: ${message}. The agent's ClusterRole lacks the rule ${RULE}; enforcement does not depend on it`,
      };
    case "server":
      return { outcome: "refused", code, message: `an event about a policy was not posted: ${message}` };
    default:
      return {
        outcome: "pause",
        millis: UNREACHABLE_MILLIS,
        code,
        message: `events about policies are posted later: ${message}`,
      };
  }
}
