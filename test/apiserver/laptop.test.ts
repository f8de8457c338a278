// `podwall status` and `podwall flows` as a person runs them: through a real API server's pod proxy, to the real HTTP
// servers of agents that enforce nothing.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, type RunResult } from "../cli/run-podwall.ts";
import { describeKernel } from "../kernel/kernel-support.ts";
import { runKernelScript } from "../kernel/run-kernel-script.ts";
import { describeApiServer } from "./binaries.ts";
import type { LaptopRuns } from "./laptop-script.ts";

function expectValid(name: string, text: string): void {
  const read = (file: string): object =>
    JSON.parse(readFileSync(`${ROOT}schemas/podwall.${file}.v1.schema.json`, "utf8")) as object;
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  // What agents say is a part of what is said of them.
  for (const part of ["status", "policies"]) ajv.addSchema(read(part));
  const validate = ajv.compile(read(name));
  validate(JSON.parse(text));
  expect(validate.errors ?? []).toEqual([]);
}

// The API server forwards to no loopback address, so all of it runs in a network namespace of its own.
describeKernel("from a laptop", () => {
  describeApiServer("through the API server", () => {
    let runs: LaptopRuns;
    beforeAll(async () => {
      runs = await runKernelScript<LaptopRuns>("../apiserver/laptop-script.ts");
    }, 300_000);
    const run = (name: string): RunResult => {
      const found = runs[name];
      if (found === undefined) throw new Error(`the script has run nothing called ${name}`);
      return found;
    };
    /** The rest of the line of a node, its columns one space apart. */
    const line = ({ stdout }: RunResult, node: string): string | undefined =>
      new RegExp(`^ *${node}  +(.*)$`, "m").exec(stdout)?.[1]?.replaceAll(/ +/g, " ");

    describe("podwall status", () => {
      it("shows agents that are well", () => {
        expect(run("well")).toMatchObject({ code: 0, stderr: "" });
        expect(line(run("well"), "one")).toBe("yes following 11 3 2/3 30 s ago");
        expect(run("well").stdout).toContain("2 nodes: 2 ready");
      });

      it("tells of every node what keeps it from being so, the worst first", () => {
        const { code, stdout, stderr } = run("everything");
        expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
        const order = [...stdout.matchAll(/^(\w+) +(NO AGENT|UNKNOWN|NO|yes)\b/gm)].map(([, node]) => node);
        expect(order).toEqual(["three", "eight", "five", "four", "seven", "six", "two", "one"]);
        expect(stdout).toContain(
          "podwall-eight runs on eight, and its agent enforces what is meant for node one",
        );
        expect(stdout).toContain("podwall-five does not answer within 10 s");
        expect(stdout).toMatch(
          /does not get through to .*podwall-four: dial tcp 10\.9\.0\.4:9643: .*refused/,
        );
        expect(stdout).toContain("podwall-seven: ImagePullBackOff (no such image)");
        expect(stdout).toContain("podwall-six has no container port named http");
        expect(line(run("everything"), "two")).toBe("NO following 7 of 9, 4.2 s behind 3 2/3 30 s ago");
        expect(stdout).toContain("behind: nft takes no changes");
        expect(stdout).toContain(
          "8 nodes: 1 ready, 1 not ready, 5 unknown, 1 without an agent: nothing is enforced there",
        );
      });

      it("does so as JSON that follows its schema", () => {
        const { code, stdout } = run("everythingJson");
        expect(code).toBe(1);
        expectValid("cluster-status", stdout);
        const { nodes } = JSON.parse(stdout) as {
          nodes: { node: string; status?: object; failure?: { code: string } }[];
        };
        expect(Object.fromEntries(nodes.map(({ node, failure }) => [node, failure?.code]))).toEqual({
          one: undefined,
          two: undefined,
          three: "no-agent",
          four: "unreachable",
          five: "too-slow",
          six: "no-port",
          seven: "not-running",
          eight: "wrong-node",
        });
      });

      it("looks again and again until Ctrl-C", () => {
        expect(run("watched")).toMatchObject({ code: 0, stderr: "" });
        expect(run("watched").stdout.match(/^2 nodes: /gm)!.length).toBeGreaterThan(1);
      });

      it("says that nobody protects the nodes where there are no agents", () => {
        const { code, stdout } = run("otherNamespace");
        expect(code).toBe(1);
        expect(stdout).toContain("2 nodes: 0 ready, 2 without an agent");
        expect(stdout).toContain("no agent of podwall was found in namespace shop");
      });

      it("names the rule that is missing for the proxy, once", () => {
        for (const name of ["mayNotProxy", "flowsRefused"]) {
          const { code, stdout, stderr } = run(name);
          expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
          expect(stderr.match(/You \(user no-proxy\) may not get pods\/proxy/g)).toHaveLength(1);
          expect(stderr).toContain('{apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"]}');
        }
      });

      it("is content with one namespace, and says what cannot be seen then", () => {
        expect(run("mayNotList").code).toBe(2);
        expect(run("mayNotList").stderr).toContain("whose pods you may list: --agent-namespace NAME");
        expect(run("mayNotListThere").code).toBe(2);
        expect(run("mayNotListThere").stderr).toContain("or for a Role in shop with the rules");
        for (const name of ["oneNamespace", "defaultNamespace", "wellNodesNotListed"]) {
          const { code, stdout } = run(name);
          expect(code).toBe(2);
          expect(stdout).toContain("2 nodes: 2 ready");
          expect(stdout).toContain("Nodes without an agent cannot be told, since you may not list nodes");
        }
      });
    });

    describe("podwall status POLICY", () => {
      it("is done where every node has seen the version, and those with pods enforce it", () => {
        const { code, stdout, stderr } = run("enforced");
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).toMatch(/^NetworkPolicy shop\/db, generation 1, resource version \d+$/m);
        expect(line(run("enforced"), "one")).toMatch(/^enforced 2 1 \(\d+\)$/);
        expect(line(run("enforced"), "two")).toMatch(/^no pods here 0 1 \(\d+\)$/);
        expectValid("rollout", run("enforcedJson").stdout);
        expect(JSON.parse(run("enforcedJson").stdout)).toMatchObject({ complete: true });
      });

      it("is not sure where nodes without an agent cannot be seen", () => {
        expect(run("nodesNotListed").code).toBe(2);
      });

      it("is not done while nodes are behind, those included that had nothing to do before", () => {
        for (const name of ["behind", "annotated", "waitedInVain"]) {
          expect(run(name).code, name).toBe(1);
          expect(run(name).stdout, name).toContain("not yet: one (behind), two (behind)");
        }
      });

      it("waits until they are not", () => {
        expect(run("waited")).toMatchObject({ code: 0, stderr: "" });
        expect(line(run("waited"), "one")).toMatch(/^enforced 2 2 /);
      });

      it("is not done where the policy is enforced otherwise than written", () => {
        expect(run("troubled").code).toBe(1);
        expect(run("troubled").stdout).toContain("port 99999 is no port");
      });

      it("counts a node that is not ready, unless told otherwise", () => {
        expect(run("notReady").code).toBe(1);
        expect(run("notReady").stdout).toContain("the API server is silent");
        expect(run("notReady").stdout).toContain("not yet: two (not ready) (--ignore-unready");
        expect(run("unreadyIgnored").code).toBe(0);
        expect(run("unreadyIgnored").stdout).toContain("but for what is not known of two (not ready)");
      });

      it("waits for the new object where one is made anew, and not for one that is deleted", () => {
        expect(run("madeAnew").code).toBe(0);
        expect(run("madeAnew").stdout).toContain("generation 1,");
        expect(run("deletedMeanwhile").code).toBe(1);
        expect(run("deletedMeanwhile").stdout).toContain("it has been deleted");
      });

      it("takes a policy that is not there for an error, unless it is to be gone", () => {
        expect(run("absent")).toMatchObject({ code: 2, stdout: "" });
        expect(run("absent").stderr).toContain("has no NetworkPolicy shop/db (still enforced on one, two)");
        expect(run("stillEnforced").code).toBe(1);
        expect(run("stillEnforced").stdout).toContain("not yet: one (still enforced), two (still enforced)");
        for (const name of ["gone", "deletedAndWaited"]) expect(run(name).code, name).toBe(0);
      });

      it("says what cannot be asked for", () => {
        expect(run("notInstalled").code).toBe(2);
        expect(run("notInstalled").stderr).toContain("its custom resource definition is not installed");
        expect(run("mayNotGet").code).toBe(2);
        expect(run("mayNotGet").stderr).toContain(
          'a Role in shop with the rule {apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get"]}',
        );
      });
    });

    describe("podwall flows", () => {
      it("tells what every node tells, with its name, until Ctrl-C", () => {
        const { code, stdout } = run("flows");
        expect(code).toBe(0);
        const lines = stdout.trim().split("\n");
        expect(lines[0]).toBe(
          "one 09:00:00.123Z DENIED  shop/web-0 -> shop/db-0 TCP 3306 ingress: shop/db-0 was not known yet when the packet came",
        );
        expect(lines[2]).toContain("two 09:00:01.000Z ......  and 12 packets in 1 s that are not told");
        expect(lines.map((each) => each.split(" ")[0])).toEqual(["one", "two", "two", "three", "one"]);
      });

      it("says which nodes are not heard, and when they are", () => {
        const { stderr } = run("flows");
        expect(stderr).toContain("three is not heard: no agent of podwall runs on this node");
        expect(stderr).toContain("four is not heard: the API server does not get through");
        expect(stderr).toContain("seven is not heard: pod podwall-system/podwall-seven: ImagePullBackOff");
        expect(stderr).toContain("three is heard now");
        expect(stderr).toContain("one is heard again; what it told meanwhile is missing");
        expect(stderr).not.toContain("two is");
      });

      it("chooses by node, namespace, workload and policy, and prints JSON after its schema", () => {
        const { code, stdout, stderr } = run("chosenFlows");
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout.trim().split("\n")).toHaveLength(1);
        expectValid("flow", stdout);
        expect(JSON.parse(stdout)).toMatchObject({ node: "two", destination: { pod: "shop/db-1" } });
      });

      it("tells what is audited, or everything, when asked to", () => {
        const senders = (name: string): string[] =>
          [...run(name).stdout.matchAll(/shop\/(\w+) ->/g)].map(([, pod]) => pod!);
        expect(senders("flows --audited")).toEqual(["tried"]);
        expect(senders("flows --all")).toEqual(["denied", "passed", "tried"]);
      });

      it("ends without a word when its reader has seen enough", () => {
        expect(run("headed")).toMatchObject({ code: 0, stderr: "" });
        expect(run("headed").stdout.trim().split("\n")).toHaveLength(1);
      });
    });
  });
});
