import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podwall, ROOT, type RunResult } from "./run-podwall.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pod = (name: string, port: number): string => `---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: ${name}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: ${port}}]}]}
`;
const PODS = pod("web", 80) + pod("api", 8080) + pod("db", 5432);
const policy = (app: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: ${app}}}
    ports: [{port: 5432}]
`;

/** Writes files below a new folder, and gives its path. */
function folderWith(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
}

describe("podwall diff OLD NEW", () => {
  const old = folderWith("old", { "pods.yaml": PODS, "policy.yaml": policy("api") });
  const now = folderWith("new", { "pods.yaml": PODS, "policy.yaml": policy("web") });

  it("tells what opens and closes, and why", async () => {
    const { code, stdout, stderr } = await podwall(["diff", old, now]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("1 connection opens, 1 closes, 9 unchanged");
    expect(stdout).toMatch(/OPENS {3}shop\/web {2}-> {2}shop\/db {2}TCP 5432 {2}! {2}to PostgreSQL/);
    expect(stdout).toContain(`${now}/policy.yaml:8  rule 1 of NetworkPolicy shop/db: from pods app=web`);
    expect(stdout).toMatch(/CLOSES {2}shop\/api {2}-> {2}shop\/db {2}TCP 5432/);
    expect(stdout).toContain(
      `${now}/policy.yaml:3  no rule lets it in any more (before: rule 1 of NetworkPolicy shop/db, ${old}/policy.yaml:7)`,
    );
  });

  it("is a gate with --fail-on-open", async () => {
    const closing = folderWith("closing", { "pods.yaml": PODS, "policy.yaml": policy("nobody") });
    const codes = await Promise.all([
      podwall(["diff", old, now, "--fail-on-open"]),
      podwall(["diff", old, closing, "--fail-on-open"]),
      podwall(["diff", old, old, "--fail-on-open"]),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([1, 0, 0]);
  });

  it("prints JSON by its schema, Markdown and workflow commands", async () => {
    const [json, md, github] = await Promise.all(
      ["json", "md", "github"].map((output) => podwall(["diff", old, now, "-o", output])),
    );
    const document = JSON.parse(json!.stdout) as { summary: object };
    const schema = readFileSync(`${ROOT}schemas/podwall.diff.v1.schema.json`, "utf8");
    const validate = new Ajv2020().compile(JSON.parse(schema) as object);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(document.summary).toMatchObject({ opens: 1, closes: 1 });
    expect(md!.stdout).toMatch(/^### podwall: 1 connection opens, 1 closes/);
    expect(github!.stdout).toMatch(
      /^::warning file=.*policy\.yaml,line=8,col=\d+,title=opens to PostgreSQL::/m,
    );
  });

  it("filters, and refuses names that nobody has", async () => {
    const [some, none, wrong] = await Promise.all([
      podwall(["diff", old, now, "--from", "shop/web", "--fail-on-open"]),
      podwall(["diff", old, now, "--to", "shop/web", "--fail-on-open"]),
      podwall(["diff", old, now, "--from", "shop/wbe"]),
    ]);
    expect(some).toMatchObject({ code: 1 });
    expect(some!.stdout).toContain("1 connection opens;");
    expect(none).toMatchObject({ code: 0 });
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong!.stderr).toContain("--from shop/wbe: neither side has it; did you mean shop/web?");
  });

  it("takes policies alone for policies over the pods of the other side, and says so", async () => {
    const only = folderWith("only", { "policy.yaml": policy("web") });
    const { stdout, stderr } = await podwall(["diff", old, only]);
    expect(stderr).toContain(`${only} has no pods: its policies are compared over the pods`);
    expect(stdout).toContain("1 connection opens, 1 closes, 9 unchanged");
  });

  it("takes pods from elsewhere, and says what can be said without any", async () => {
    const [a, b] = [policy("api"), policy("web")].map((text, n) =>
      folderWith(`policies-${n}`, { "p.yaml": text }),
    );
    const without = await podwall(["diff", a!, b!]);
    expect(without.code).toBe(0);
    expect(without.stderr).toContain("name pods with --pods PATH");
    expect(without.stdout).toContain("there are no pods: what opens or closes is unknown\n");
    expect(without.stdout).toContain("changed NetworkPolicy shop/db");
    // No gate may open because nobody looked.
    expect((await podwall(["diff", a!, b!, "--fail-on-open"])).code).toBe(2);
    expect((await podwall(["diff", a!, a!, "--fail-on-open"])).code).toBe(0);
    const pods = join(old, "pods.yaml");
    const withPods = await podwall(["diff", a!, b!, "--pods", pods]);
    expect(withPods.stderr).toBe("");
    expect(withPods.stdout).toContain("1 connection opens, 1 closes, 9 unchanged");
  });

  it("reads one side from the standard input", async () => {
    const { code, stdout } = await podwall(["diff", "-", now], { stdin: `${PODS}---\n${policy("api")}` });
    expect(code).toBe(0);
    expect(stdout).toContain("1 connection opens, 1 closes");
  });

  it.each([
    [["diff", old], "compares two files or folders, 1 was given"],
    [["diff", "-", "-"], "only one side can be the standard input"],
    [["diff", old, now, "--prune"], "--prune is for a comparison with a cluster"],
    [["diff", old, now, "--pod-cidr", "nonsense"], "--pod-cidr nonsense"],
    [["diff", "--live"], "name the folder that is to be applied"],
    [["diff", "--live", "--git", "HEAD"], "give one or the other"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await podwall(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it("names the side that is broken, and takes its pods for closed with --keep-going", async () => {
    const broken = folderWith("broken", {
      "pods.yaml": PODS,
      "policy.yaml": policy("web").replace("port: 5432", "port: 99999"),
    });
    const refused = await podwall(["diff", old, broken]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`podwall: ${broken}: 1 error in 1 file; nothing was compared`);
    const kept = await podwall(["diff", old, broken, "--keep-going"]);
    expect(kept.code).toBe(0);
    expect(kept.stdout).toContain("1 connection closes");
    const other = await podwall(["diff", broken, old]);
    expect(other.stderr).toContain(`podwall: ${broken}: 1 error`);
  });
});

describe("podwall diff --git", () => {
  const repository = join(folder, "repository");
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    });
  const write = (file: string, text: string): void => {
    mkdirSync(join(repository, file, ".."), { recursive: true });
    writeFileSync(join(repository, file), text);
  };
  const commit = (message: string): void => {
    git("add", "-A");
    git("commit", "-q", "-m", message);
  };
  const diff = (...args: readonly string[]): Promise<RunResult> =>
    podwall(["diff", ...args], { cwd: repository });

  beforeAll(() => {
    mkdirSync(repository);
    git("init", "-q", "-b", "main");
    write("deploy/pods.yaml", PODS);
    write("deploy/policy.yaml", policy("api"));
    // What a folder is not searched for.
    write("deploy/.hidden/x.yaml", "not: [yaml");
    write("deploy/node_modules/x.yaml", "not: [yaml");
    write("deploy/notes.txt", "no manifest");
    write("deploy/podwall.yaml", "checks: {}");
    symlinkSync("../shared/more.yaml", join(repository, "deploy/linked.yaml"));
    write("shared/more.yaml", pod("tool", 9000));
    commit("first");
    git("tag", "v1");
    git("checkout", "-q", "-b", "feature");
    renameSync(join(repository, "deploy/policy.yaml"), join(repository, "deploy/db-policy.yaml"));
    commit("rename");
    git("tag", "renamed");
    write("deploy/db-policy.yaml", policy("web"));
    commit("second");
    git("checkout", "-q", "main");
    write("deploy/pods.yaml", PODS.replace("app: web", "app: site"));
    commit("main goes on");
    git("checkout", "-q", "feature");
  });

  it("compares two revisions, naming the old one in its places", async () => {
    const { code, stdout, stderr } = await diff("--git", "v1..feature", "deploy/", "-o", "json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { summary, policies } = JSON.parse(stdout) as { summary: object; policies: object[] };
    expect(summary).toMatchObject({ opens: 1, closes: 1, by: { pods: { opens: 0, closes: 0 } } });
    expect(policies).toEqual([
      {
        change: "changed",
        policy: "NetworkPolicy shop/db",
        before: { file: "v1:deploy/policy.yaml", line: 3, column: 35 },
        after: { file: "deploy/db-policy.yaml", line: 3, column: 35 },
      },
    ]);
  });

  it("sees no change in a renamed file", async () => {
    const { stdout } = await diff("--git", "v1..renamed", "deploy");
    // 4 pods: 12 pairs without the two into db, each to outside, each from there but db.
    expect(stdout).toBe("nothing changes, 17 unchanged\n");
  });

  it("takes A...B from where B left A, as a pull request does", async () => {
    const two = await diff("--git", "main..feature", "deploy", "-o", "json");
    const three = await diff("--git", "main...feature", "deploy", "-o", "json");
    const workloads = ({ stdout }: RunResult): unknown[] =>
      (JSON.parse(stdout) as { workloads: unknown[] }).workloads;
    expect(workloads(two)).toHaveLength(1);
    expect(workloads(three)).toHaveLength(0);
  });

  it("compares with the working tree, from any folder of the repository", async () => {
    write("deploy/new-policy.yaml", policy("api").replace("name: db", "name: more"));
    try {
      const { stdout } = await podwall(["diff", "--git", "HEAD", ".", "--fail-on-open"], {
        cwd: join(repository, "deploy"),
      });
      expect(stdout).toContain("1 connection opens");
      expect(stdout).toContain("new-policy.yaml:8  rule 1 of NetworkPolicy shop/more");
    } finally {
      rmSync(join(repository, "deploy/new-policy.yaml"));
    }
  });

  it("takes a folder that one revision lacks for new, and says so", async () => {
    git("checkout", "-q", "-b", "more");
    write("extra/policy.yaml", policy("web").replace("name: db", "name: extra"));
    commit("extra");
    const { code, stdout, stderr } = await diff("--git", "v1..more", "deploy/pods.yaml", "extra");
    git("checkout", "-q", "feature");
    expect(code).toBe(0);
    expect(stderr).toContain("v1 has no extra: everything in it is new");
    expect(stdout).toContain("added NetworkPolicy shop/extra  extra/policy.yaml:3");
  });

  it.each([
    [["--git", "v1..nowhere", "deploy"], "git knows no revision nowhere"],
    [["--git", "--output=x", "deploy"], "git knows no revision --output=x"],
    [["--git", "v1..feature", "deplyo"], "deplyo: neither v1 nor feature has it"],
    [["--git", "v1..feature", "/etc"], "/etc is outside of the repository"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await diff(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("please report");
  });

  it("names the revision that is broken", async () => {
    git("checkout", "-q", "-b", "broken");
    write("deploy/db-policy.yaml", policy("web").replace("port: 5432", "port: 99999"));
    commit("broken");
    git("checkout", "-q", "feature");
    const { code, stderr } = await diff("--git", "broken..feature", "deploy");
    expect(code).toBe(2);
    expect(stderr).toContain("broken:deploy/db-policy.yaml:9:");
    expect(stderr).toContain("podwall: broken: 1 error in 1 file; nothing was compared");
  });

  it("says where there is no repository, and no git", async () => {
    const outside = mkdtempSync(join(tmpdir(), "podwall-nogit-"));
    const none = await podwall(["diff", "--git", "HEAD", "."], { cwd: outside });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("is in no git repository");
    const missing = await podwall(["diff", "--git", "HEAD", "."], {
      cwd: repository,
      env: { PATH: outside },
    });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("git is not installed, or not in the PATH");
    rmSync(outside, { recursive: true });
  });
});
