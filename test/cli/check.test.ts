import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "podwall-check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const OR = readFileSync(`${ROOT}examples/or/policy.yaml`, "utf8");
const PODS = readFileSync(`${ROOT}examples/or/pods.yaml`, "utf8");

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

describe("podwall check", () => {
  it("finds the dash that turns AND into OR, and fails", async () => {
    const { code, stdout, stderr } = await podwall(["check", "examples/or"]);
    expect(code).toBe(1);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^examples\/or\/policy\.yaml:19:7 {2}warning {2}or-instead-of-and\n/m);
    expect(stdout).toContain("remove the dash on line 22");
    expect(stdout).toContain("podwall check --explain or-instead-of-and");
  });

  it("fails from the severity on that is asked for, and tells from the one that is asked for", async () => {
    for (const [args, expected] of [
      [["--fail-on", "error"], 0],
      [["--fail-on", "never"], 0],
      [["--fail-on", "info"], 1],
      [["--severity", "error"], 1],
    ] as const) {
      expect((await podwall(["check", "examples/or", ...args])).code, args.join(" ")).toBe(expected);
    }
    const { stdout } = await podwall(["check", "examples/or", "--severity", "error"]);
    expect(stdout).not.toContain("or-instead-of-and");
  });

  it("is told by podwall.yaml, also of a folder above, what is meant to be", async () => {
    write("a/b/policy.yaml", OR);
    write("a/b/pods.yaml", PODS);
    write(
      "podwall.yaml",
      "check: {ignore: [{code: or-instead-of-and, file: b/, reason: both are meant}], levels: {unused-ignore: off}}",
    );
    const options = { cwd: join(folder, "a") };
    const all = await podwall(["check", "-o", "json"], options);
    const json = JSON.parse(all.stdout) as { findings: { code: string }[]; ignored: object[] };
    expect(json.findings.map(({ code }) => code)).not.toContain("or-instead-of-and");
    expect(json.ignored).toMatchObject([
      { code: "or-instead-of-and", reason: "both are meant", ignoredBy: { file: "../podwall.yaml" } },
    ]);
    write("other.yaml", "check: {failOn: never}");
    const other = await podwall(["check", "--config", "../other.yaml"], options);
    expect(other.code).toBe(0);
    expect(other.stdout).toContain("or-instead-of-and");
    write("podwall.yaml", "check: {failon: never}");
    const wrong = await podwall(["check"], options);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('check has no field "failon"');
    expect(wrong.stderr).toContain("Did you mean failOn?");
  });

  it("heeds comments and annotations with a reason", async () => {
    write("pods.yaml", PODS);
    write("policy.yaml", `# podwall-ignore: or-instead-of-and: both are meant\n${OR}`);
    const { stdout } = await podwall(["check"], { cwd: folder });
    expect(stdout).not.toContain("or-instead-of-and");
    expect(stdout).toContain("1 ignored");
  });

  it("ignores one of several policies of which it says the same, and not the others", async () => {
    const typo = (name: string, annotations = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}${annotations}}
spec:
  podSelector: {matchLabels: {app: database}}
  ingress: [{from: [{podSelector: {matchLabels: {sever: api}}}]}]
`;
    const pod = (name: string, label: string): string => `---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: ${name}, labels: {${label}}}
spec: {containers: [{name: c, image: i}]}
`;
    write("pods.yaml", pod("api", "server: api") + pod("db", "app: database"));
    const meant = ', annotations: {podwall.io/ignore: "peer-selects-nothing: next week"}';
    const told = async (): Promise<string[]> => {
      const { stdout } = await podwall(["check", "-o", "json"], { cwd: folder });
      const { findings } = JSON.parse(stdout) as { findings: { code: string; object: string }[] };
      return findings
        .filter(({ code }) => code === "peer-selects-nothing" || code === "unused-ignore")
        .map(({ code, object }) => `${code} ${object}`);
    };
    write("policies.yaml", typo("a") + typo("b"));
    expect(await told()).toEqual(["peer-selects-nothing NetworkPolicy shop/a"]);
    write("policies.yaml", typo("a", meant) + typo("b"));
    expect(await told()).toEqual(["peer-selects-nothing NetworkPolicy shop/b"]);
    write("policies.yaml", typo("a") + typo("b", meant));
    expect(await told()).toEqual(["peer-selects-nothing NetworkPolicy shop/a"]);
    write("policies.yaml", typo("a", meant) + typo("b", meant));
    expect(await told()).toEqual([]);
    write("policies.yaml", typo("a") + typo("b"));
    write(
      "podwall.yaml",
      "check: {ignore: [{code: peer-selects-nothing, object: NetworkPolicy shop/a, reason: next week}]}",
    );
    expect(await told()).toEqual(["peer-selects-nothing NetworkPolicy shop/b"]);
  });

  it("tells what the API server would refuse, and goes on with the rest", async () => {
    const broken = OR.replace("name: db-policy", "name: broken").replace("podSelector:", "podselector:");
    const { code, stdout } = await podwall(["check", "-"], { stdin: `${PODS}---\n${OR}---\n${broken}` });
    expect(code).toBe(1);
    expect(stdout).toContain("error  unknown-field");
    expect(stdout).toContain("or-instead-of-and");
  });

  it("cannot tell where there is nothing to look at", async () => {
    for (const [args, stdin, words] of [
      [["nowhere"], "", "There is no such file or folder"],
      [["-"], "", "no Kubernetes object in it"],
      [["--config", "nowhere.yaml", "examples/or"], "", "cannot be read"],
      [["--explain", "or-insted-of-and"], "", "Did you mean or-instead-of-and?"],
      [["--fail-on", "fatal"], "", "Allowed choices"],
    ] as const) {
      const { code, stderr } = await podwall(["check", ...args], { stdin });
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).toContain(words);
    }
  });

  it("explains a code by its page, and lists all codes", async () => {
    const page = await podwall(["check", "--explain", "or-instead-of-and"]);
    expect(page.code).toBe(0);
    expect(page.stdout).toBe(readFileSync(`${ROOT}docs/checks/or-instead-of-and.md`, "utf8"));
    const list = await podwall(["check", "--explain"]);
    expect(list.stdout).toMatch(/^ {2}or-instead-of-and +warning {2}Two selectors/m);
    expect(list.stdout).toMatch(/^ {2}bad-cidr +A text is not a CIDR/m);
    const short = await podwall(["check", "--explain", "bad-cidr"]);
    expect(short.stdout).toContain("A text is not a CIDR.");
  });

  describe("--fix", () => {
    const MISTAKES = `# Ours since 2019.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {server: db}}   # the database
  ingress:
  - from:
    - podSelector:
        matchLabels: {server: api}
    - namespaceSelector:
        matchLabels: {team: team-a}   # theirs
    - ipBlock: {cidr: 192.168.7.9/24}   # the office
`;

    it("mends what changes no verdict, and nothing else of the file", async () => {
      write("pods.yaml", PODS);
      write("policy.yaml", MISTAKES);
      const dry = await podwall(["check", "--fix", "--dry-run"], { cwd: folder });
      expect(dry.stderr).toContain("would mend  policy.yaml:13:23  cidr-not-canonical");
      expect(readFileSync(join(folder, "policy.yaml"), "utf8")).toBe(MISTAKES);
      const { stdout, stderr } = await podwall(["check", "--fix"], { cwd: folder });
      expect(stderr).toContain("podwall: mended  policy.yaml:13:23  cidr-not-canonical");
      expect(readFileSync(join(folder, "policy.yaml"), "utf8")).toBe(
        MISTAKES.replace("192.168.7.9/24", "192.168.7.0/24"),
      );
      expect(stdout).not.toContain("cidr-not-canonical");
      expect(stdout).toContain("or-instead-of-and");
    });

    it("mends what changes verdicts where it is asked for", async () => {
      write("pods.yaml", PODS);
      write("policy.yaml", MISTAKES);
      const { stderr } = await podwall(["check", "--fix=or-instead-of-and"], { cwd: folder });
      expect(stderr).toMatch(/^podwall: mended {2}policy\.yaml:9:7 {2}or-instead-of-and: remove the dash/);
      expect(readFileSync(join(folder, "policy.yaml"), "utf8")).toBe(
        MISTAKES.replace("    - namespaceSelector", "      namespaceSelector"),
      );
      const again = await podwall(["check", "--fix=or-instead-of-and"], { cwd: folder });
      expect(again.stderr).toBe("podwall: nothing to mend\n");
    });

    it("says which file it may not write", async (context) => {
      if (process.getuid?.() !== 0) context.skip("only root can run the command as somebody else");
      write("pods.yaml", PODS);
      write("policy.yaml", MISTAKES);
      chmodSync(folder, 0o755);
      const { code, stderr } = await podwall(["check", "--fix", "."], { cwd: folder, uid: 65534 });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^podwall: policy\.yaml: cannot be written, so it is not mended \(nothing was mended\): EACCES/,
      );
      expect(stderr).not.toContain("error in podwall itself");
      expect(readFileSync(join(folder, "policy.yaml"), "utf8")).toBe(MISTAKES);
    });

    it("refuses what is no file, and codes that do not exist", async () => {
      const piped = await podwall(["check", "--fix", "-"], { stdin: MISTAKES });
      expect(piped.code).toBe(2);
      expect(piped.stderr).toContain("--fix mends files; it cannot mend the standard input");
      const unknown = await podwall(["check", "--fix=or-instead-of-end", "examples/or"]);
      expect(unknown.code).toBe(2);
      expect(unknown.stderr).toContain("Did you mean or-instead-of-and?");
    });
  });
});
