import { describe, expect, it } from "vitest";
import { KubeError } from "../../source/kube/kube-error.ts";
import { failureOf, notAskable } from "./agent-failure.ts";
import type { AgentPod } from "./agent-pods.ts";

const POD: AgentPod = {
  namespace: "podwall-system",
  name: "podwall-x",
  node: "one",
  port: 9643,
  ready: true,
  notRunning: undefined,
  leaving: false,
  created: "2030-01-01T00:00:00Z",
};
const URL = "https://192.0.2.1/api/v1/namespaces/podwall-system/pods/http:podwall-x:9643/proxy/v1/status";

describe("failureOf", () => {
  it.each<[string, KubeError, string, string]>([
    [
      "a connection that is refused",
      new KubeError(
        "server",
        `${URL} answers with 503: error trying to reach service: dial tcp 10.9.0.4:9643: connect: connection refused.`,
        "The server or something behind it is in trouble; try again later.",
      ),
      "unreachable",
      "the API server does not get through to pod podwall-system/podwall-x: dial tcp 10.9.0.4:9643: connect: connection refused",
    ],
    [
      "an address that is not proxied to",
      new KubeError("server", `${URL} answers with 400: address not allowed.`),
      "unreachable",
      "the API server does not get through to pod podwall-system/podwall-x: address not allowed",
    ],
    [
      "an agent that has too many readers",
      new KubeError("server", `${URL} answers with 503: too many read the flows.`),
      "no-answer",
      "pod podwall-system/podwall-x says: too many read the flows",
    ],
    [
      "a pod that is gone",
      new KubeError("not-found", 'pods "podwall-x" not found'),
      "unreachable",
      "pod podwall-system/podwall-x is gone",
    ],
    [
      "a right that is missing",
      new KubeError(
        "forbidden",
        'pods "http:podwall-x:9643" is forbidden: User "me" cannot get resource "pods/proxy" in API group "" in the namespace "podwall-system"',
      ),
      "forbidden",
      "You (user me) may not get pods/proxy in namespace podwall-system, and that is the way to the agents.",
    ],
    [
      "a program that is no agent",
      new KubeError("forbidden", "go away"),
      "no-answer",
      "pod podwall-system/podwall-x: go away",
    ],
    [
      "an API server that is gone",
      new KubeError("unreachable", "Nothing listens at https://192.0.2.1."),
      "server",
      "Nothing listens at https://192.0.2.1.",
    ],
  ])("tells of %s", (_, error, code, message) => {
    expect(failureOf(error, POD)).toMatchObject({ code, message });
  });

  it("names the rule that is missing", () => {
    const error = new KubeError("forbidden", 'User "me" cannot get resource "pods/proxy"');
    expect(failureOf(error, POD).help).toContain(
      'Role in podwall-system with the rule {apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"]}',
    );
  });
});

it("asks no pod that does not run, or has no port for it", () => {
  expect(notAskable(POD)).toBeUndefined();
  expect(notAskable({ ...POD, notRunning: "CrashLoopBackOff" })).toMatchObject({ code: "not-running" });
  expect(notAskable({ ...POD, port: undefined })).toMatchObject({ code: "no-port" });
});
