import type { KubeError } from "../../source/kube/kube-error.ts";
import { AGENT_PORT_NAME, type AgentPod } from "./agent-pods.ts";

/** Why an agent gives no answer. */
export interface AgentFailure {
  /** For programs. */
  readonly code: AgentFailureCode;
  /** In words for people, about the node that it is said of. */
  readonly message: string;
  readonly help?: string;
}

export type AgentFailureCode =
  /** No pod of an agent is on the node. */
  | "no-agent"
  /** The pod's container does not run. */
  | "not-running"
  /** The pod has no port of the agents' name. */
  | "no-port"
  /** This user may not use the proxy to the pod. */
  | "forbidden"
  /** The API server does not get through to the pod, or it is gone. */
  | "unreachable"
  /** No answer in time. */
  | "too-slow"
  /** An answer that no agent gives. */
  | "no-answer"
  /** It is the agent of another node, by its own word. */
  | "wrong-node"
  /** The way to the API server itself, or the credentials. */
  | "server";

export const NO_AGENT: AgentFailure = {
  code: "no-agent",
  message: "no agent of podwall runs on this node, so no policy is enforced here",
  help: "Do taints, or a nodeSelector, keep its DaemonSet away?",
};

/** What keeps anybody from asking a pod at all. */
export function notAskable(pod: AgentPod): AgentFailure | undefined {
  const called = `pod ${pod.namespace}/${pod.name}`;
  if (pod.notRunning !== undefined) {
    return {
      code: "not-running",
      message: `${called}: ${pod.notRunning}`,
      help: `To see why: kubectl -n ${pod.namespace} describe pod ${pod.name}`,
    };
  }
  if (pod.port !== undefined) return undefined;
  return {
    code: "no-port",
    message: `${called} has no container port named ${AGENT_PORT_NAME}, so nobody knows where to ask it`,
    help: "Was the DaemonSet edited? The port's name is part of the manifests.",
  };
}

export function tooSlow({ namespace, name }: AgentPod, millis: number): AgentFailure {
  return {
    code: "too-slow",
    message: `pod ${namespace}/${name} does not answer within ${millis / 1000} s`,
    help: "Is the node up, and can the API server reach it?",
  };
}

/** An agent that was started with the name of another node enforces what is meant for that one. */
export function wrongNode({ namespace, name }: AgentPod, node: string, told: string): AgentFailure {
  return {
    code: "wrong-node",
    message: `pod ${namespace}/${name} runs on ${node}, and its agent enforces what is meant for node ${told}`,
    help: "NODE_NAME, or --node, of its DaemonSet must come from the field spec.nodeName.",
  };
}

/** What an error of the API server says of the pod behind it. */
export function failureOf(error: KubeError, pod: AgentPod): AgentFailure {
  const { namespace, name, port } = pod;
  const called = `pod ${namespace}/${name}`;
  // The API server's words for a connection to the pod that failed, Go's for the reason.
  const dial = /(?:error trying to reach service: |answers with 400: (?=address not allowed))(.*?)\.?$/s.exec(
    error.message,
  )?.[1];
  if (dial !== undefined) {
    return {
      code: "unreachable",
      message: `the API server does not get through to ${called}: ${dial}`,
      help: `Does the agent listen on port ${port}? Its log: kubectl -n ${namespace} logs ${name}`,
    };
  }
  switch (error.code) {
    case "forbidden":
      return isOfServer(error.message) ? forbidden(error.message, pod) : noAnswer(error, called);
    case "not-found":
      return /\bpods? ".*" not found/.test(error.message)
        ? { code: "unreachable", message: `${called} is gone` }
        : noAnswer(error, called);
    case "server":
      return noAnswer(error, called);
    default:
      return {
        code: "server",
        message: error.message,
        ...(error.help === undefined ? {} : { help: error.help }),
      };
  }
}

/** RBAC's own words: a 403 may also be that of the pod. */
function isOfServer(words: string): boolean {
  return /\bcannot get resource "pods\/proxy"/.test(words);
}

function forbidden(words: string, { namespace }: AgentPod): AgentFailure {
  const user = /\bUser "([^"]*)"/.exec(words)?.[1];
  return {
    code: "forbidden",
    message: `You${user === undefined ? "" : ` (user ${user})`} may not get pods/proxy in namespace ${namespace}, and that is the way to the agents.`,
    help: [
      "Ask for the ClusterRole podwall-viewer, which comes with podwall, to be bound to you,",
      `or for a Role in ${namespace} with the rule {apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"]}.`,
      `To check: kubectl auth can-i get pods --subresource=proxy -n ${namespace}`,
    ].join("\n  "),
  };
}

function noAnswer(error: KubeError, called: string): AgentFailure {
  const [, status, words] = /answers with (\d{3}): (.*?)\.?$/s.exec(error.message) ?? [];
  // The words of an agent say what is wrong; anybody else's hardly do.
  if (status === "503" && words !== undefined) {
    return { code: "no-answer", message: `${called} says: ${words}` };
  }
  const said =
    status === undefined ? error.message.replace(/\.$/, "") : `it answers with ${status}: ${words}`;
  return {
    code: "no-answer",
    message: `${called}: ${said}`,
    help: "Is it an agent of podwall, of a version that fits this command?",
  };
}
