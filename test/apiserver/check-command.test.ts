import { afterAll, beforeAll, expect, it } from "vitest";
import { podwall, type RunResult } from "../cli/run-podwall.ts";
import { describeApiServer } from "./binaries.ts";
import { grant, mayList, namespace, networkPolicy, node, pod } from "./cluster-objects.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const POLICIES = mayList("networking.k8s.io", "networkpolicies");

const RIGHTS: readonly ApiObject[] = [
  ...grant("viewer", [mayList("", "pods", "nodes", "namespaces"), POLICIES]),
  ...grant("no-policies", [mayList("", "pods", "nodes", "namespaces")]),
  ...grant("no-pods", [mayList("", "nodes", "namespaces"), POLICIES]),
  ...grant("developer", [mayList("", "pods"), POLICIES], "shop"),
];
const USERS = ["viewer", "no-policies", "no-pods", "developer", "nobody"];

const labelled = (name: string, app: string, address: string): ApiObject =>
  pod(name.split("/")[0]!, name.split("/")[1]!, { labels: { app }, owner: app, node: "one", address });

const DASHES = {
  podSelector: { matchLabels: { app: "db" } },
  ingress: [
    {
      from: [
        { podSelector: { matchLabels: { app: "web" } } },
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ops" } } },
      ],
    },
  ],
};

const OBJECTS: readonly ApiObject[] = [
  node("one", "192.0.2.1"),
  labelled("shop/web-0", "web", "10.1.0.1"),
  labelled("shop/db-0", "db", "10.1.0.2"),
  labelled("ops/web-0", "web", "10.1.0.3"),
  networkPolicy("shop", "db", DASHES),
  networkPolicy("shop", "typo", {
    podSelector: { matchLabels: { app: "web" } },
    ingress: [{ from: [{ podSelector: { matchLabels: { ap: "db" } } }] }],
  }),
  {
    ...networkPolicy("ops", "meant", {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Ingress"],
      egress: [{}],
    }),
    metadata: {
      namespace: "ops",
      name: "meant",
      annotations: { "podwall.io/ignore": "ignored-rules: egress is opened next week" },
    },
  } as ApiObject,
];

describeApiServer("podwall check on a cluster", () => {
  let server: ApiServer;
  let kubeconfig: string;
  const check = (user: string, ...args: readonly string[]): Promise<RunResult> =>
    podwall(["check", "--kubeconfig", kubeconfig, "--context", user, ...args]);

  beforeAll(async () => {
    server = await startApiServer({ users: USERS.map((name) => ({ name })) });
    await createObjects(server.requests, [namespace("shop"), namespace("ops")]);
    await createObjects(server.requests, [...OBJECTS, ...RIGHTS]);
    kubeconfig = writeKubeconfig(
      server,
      "config",
      ["admin", ...USERS].map((name) => ({
        name,
        user: { token: server.tokens[name] },
        ...(name === "developer" ? { namespace: "shop" } : {}),
      })),
    );
  });
  afterAll(() => server?.stop());

  it("finds what a file would have, without places in files, and heeds annotations", async () => {
    const { code, stdout, stderr } = await check("viewer", "-o", "json");
    expect(stderr).toBe("");
    expect(code).toBe(1);
    const { findings, ignored } = JSON.parse(stdout) as Record<"findings" | "ignored", JsonFinding[]>;
    expect(findings.filter(({ severity }) => severity !== "info")).toMatchObject([
      {
        code: "or-instead-of-and",
        object: "NetworkPolicy shop/db",
        file: "viewer:networkpolicies/shop/db spec.ingress[0].from[0]",
      },
      {
        code: "peer-selects-nothing",
        object: "NetworkPolicy shop/typo",
        file: "viewer:networkpolicies/shop/typo spec.ingress[0].from[0].podSelector.matchLabels.ap",
      },
    ]);
    for (const finding of findings) {
      for (const field of ["line", "column", "fix"]) expect(finding).not.toHaveProperty(field);
    }
    expect(ignored).toMatchObject([
      { code: "ignored-rules", object: "NetworkPolicy ops/meant", reason: "egress is opened next week" },
    ]);
    const text = await check("viewer");
    expect(text.stdout).toContain("remove the dash before the second selector");
    expect(text.stdout).not.toContain("--fix");
    expect(text.stdout).toContain("1 ignored");
  });

  it("finds of the whole cluster what a part of it would not show", async () => {
    const { stdout } = await check("viewer", "--severity", "info");
    expect(stdout).toContain("3 pods of namespaces ops and shop may connect to everything");
  });

  it.each([
    ["no-policies", "networkpolicies.networking.k8s.io"],
    ["no-pods", "pods"],
    ["nobody", "pods"],
  ])(
    "fails for %s, says what may not be read, and nothing of what would be seen with it",
    async (user, what) => {
      const { code, stdout } = await check(user);
      expect(code).toBe(1);
      expect(stdout).toContain(
        `error  forbidden\n  You (user ${user}) may not list ${what} in all namespaces.`,
      );
      // Without policies every pod would look open, without pods every selector empty.
      expect(stdout).not.toMatch(/may connect to \d|selects-nothing|no pods? today/);
    },
  );

  it("looks at the namespace of the context where that is all that may be read, and says so", async () => {
    const { code, stdout } = await check("developer");
    expect(code).toBe(1);
    expect(stdout).toContain("only-some-namespaces");
    expect(stdout).toContain("read was only shop");
    expect(stdout).toContain("NetworkPolicy shop/typo: This peer lets nobody in");
    expect(stdout).not.toContain("ops/meant");
  });
});

interface JsonFinding {
  readonly code: string;
  readonly severity: string;
}
