import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { describeApiServer } from "./binaries.ts";
import { type ApiObject, listPath } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";
import { DIFFERENCES, errorsOf, type Subject } from "./validity/differences.ts";
import { FULL_CLUSTER_POLICY, FULL_POLICY } from "./validity/full-policies.ts";
import { asInstalled } from "./validity/installed.ts";
import { meaningOf } from "./validity/meaning.ts";
import { mutate, withEveryValue } from "./validity/mutations.ts";
import { triedObjects } from "./validity/pod-objects.ts";
import { jsonText, type ManifestText, yamlText } from "./validity/texts.ts";
import { FIELD_VALUES } from "./validity/values.ts";
import { type Verdicts, verdictsOn } from "./validity/verdicts.ts";

// `PODWALL_CLUSTERS=10000 PODWALL_SEED=1000` tries more, and others.
const CLUSTERS = Number(process.env.PODWALL_CLUSTERS ?? 100);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const LANES = 8;

/** A policy as text, and what was done to it. */
interface Attempt {
  readonly seed: number;
  readonly what: string;
  readonly manifest: ManifestText;
  /** The list of the API that it is sent to, where it is no policy. */
  readonly list?: string;
}

/** What must have come up among many random mistakes, or they are not what they are meant to be. */
const CODES: Readonly<Record<Subject, readonly string[]>> = {
  NetworkPolicy: [
    ...["wrong-type", "missing-field", "unknown-field", "duplicate-key", "bad-name", "bad-label", "bad-port"],
    ...[
      "label-not-string",
      "bad-port-name",
      "end-port-without-port",
      "end-port-below-port",
      "end-port-named",
    ],
    ...["unknown-protocol", "bad-cidr", "except-outside-cidr", "except-covers-cidr", "empty-peer"],
    ...["ip-block-with-selector", "unknown-operator", "operator-values", "unknown-policy-type"],
    ...["too-many-policy-types", "cidr-not-canonical", "annotations-too-large"],
  ],
  "NetworkPolicy before 1.36": [
    "bad-cidr",
    "except-outside-cidr",
    "except-covers-cidr",
    "cidr-not-canonical",
  ],
  "pods and namespaces": [
    "wrong-type",
    "missing-field",
    "bad-name",
    "bad-label",
    "bad-port",
    "bad-port-name",
  ],
  ClusterNetworkPolicy: [
    ...["wrong-type", "missing-field", "unknown-field", "duplicate-key", "bad-name", "bad-label", "bad-port"],
    ...[
      "unknown-value",
      "bad-priority",
      "one-of",
      "empty-list",
      "too-many-items",
      "duplicate-item",
      "bad-cidr",
    ],
    ...["bad-port-range", "unknown-matcher"],
  ],
};

describeApiServer("our reader beside the API server", () => {
  let server: ApiServer;

  beforeAll(async () => {
    // Namespaces that do not exist would hide what the names of others are worth.
    server = await startApiServer({ flags: ["--disable-admission-plugins=NamespaceLifecycle"] });
    await server.define("clusternetworkpolicies");
  });
  afterAll(() => server.stop());

  /** Asks both about every attempt, and lists where they disagree. */
  async function compare(
    subject: Subject,
    attempts: Iterable<Attempt>,
  ): Promise<{ tally: Tally; wrong: string[] }> {
    const tally: Tally = { taken: 0, refused: 0, codes: new Set(), reasons: new Set() };
    const wrong: string[] = [];
    const rest = attempts[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) {
        const { seed, what, manifest, list } = next.value;
        const verdicts = await verdictsOn(server.requests, manifest, list);
        const fault = disagreement(subject, manifest, verdicts, tally);
        if (fault !== undefined) wrong.push(`seed ${seed}, ${manifest.type}, ${what}: ${fault}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return { tally, wrong };
  }

  it("refuses and takes the same NetworkPolicies, and reads what is stored as what was written", async () => {
    const { tally, wrong } = await compare("NetworkPolicy", networkPolicies());
    expect(wrong).toEqual([]);
    expectAllOf("NetworkPolicy", tally);
  }, 600_000);

  it("refuses and takes the same ClusterNetworkPolicies, and reads what is stored as what was written", async () => {
    const { tally, wrong } = await compare("ClusterNetworkPolicy", clusterNetworkPolicies());
    expect(wrong).toEqual([]);
    expectAllOf("ClusterNetworkPolicy", tally);
  }, 600_000);

  it("reads policies that are stored as it read them before", async () => {
    const policies = [networkPolicies(), clusterNetworkPolicies()].flatMap((all) =>
      [...all].filter(({ what }) => what === "as it is").slice(0, 100),
    );
    const differing: string[] = [];
    for (const [index, { manifest }] of policies.entries()) {
      const object = JSON.parse(manifest.text) as ApiObject;
      const named = { ...object, metadata: { ...object.metadata, name: `stored-${index}` } };
      await server.requests.must("POST", `${listPath(named)}?fieldValidation=Strict`, named);
      const stored = await server.requests.must("GET", `${listPath(named)}/stored-${index}`);
      const [before, after] = [named, stored].map((each) =>
        meaningOf({ text: JSON.stringify(each), type: "application/json" }),
      );
      if (!isDeepStrictEqual(after, before))
        differing.push(`${manifest.text} became ${JSON.stringify(stored)}`);
    }
    expect(differing).toEqual([]);
  });

  it("refuses and takes the same names, labels and ports of pods, workloads and namespaces", async () => {
    const { tally, wrong } = await compare("pods and namespaces", podObjects());
    expect(wrong).toEqual([]);
    expectAllOf("pods and namespaces", tally);
  });

  it("refuses and takes the same addresses, and warns of the same ones where they are only warned of", async () => {
    await server.restart(["--feature-gates=StrictIPCIDRValidation=false"]);
    const { tally, wrong } = await compare("NetworkPolicy before 1.36", addressPolicies());
    expect(wrong).toEqual([]);
    expectAllOf("NetworkPolicy before 1.36", tally);
  });
});

/** What came up among the attempts. */
interface Tally {
  taken: number;
  refused: number;
  readonly codes: Set<string>;
  /** The differences that explained something. */
  readonly reasons: Set<string>;
}

/** How the two disagree about a manifest; undefined if they do not, or are meant to. */
function disagreement(
  subject: Subject,
  manifest: ManifestText,
  verdicts: Verdicts,
  tally: Tally,
): string | undefined {
  const { refusal, stored, findings, warnings } = verdicts;
  for (const { code } of findings) tally.codes.add(code);
  const errors = errorsOf(findings).map(({ code, message }) => `${code}: ${message}`);
  if ((refusal !== undefined) !== errors.length > 0) {
    const known = DIFFERENCES.filter(
      (difference) => difference.of === subject && difference.explains(verdicts),
    );
    for (const { why } of known) tally.reasons.add(why);
    return known.length > 0
      ? undefined
      : `the server says ${refusal ?? "yes"}; we say ${errors.join("; ") || "yes"}`;
  }
  if (stored === undefined) {
    tally.refused++;
    return undefined;
  }
  tally.taken++;
  const ours = findings.filter(({ code }) => code === "cidr-not-canonical").length;
  // The server says nothing of the networks of a custom resource.
  if (subject.startsWith("NetworkPolicy") && warnings.length !== ours) {
    return `the server warns ${JSON.stringify(warnings)}; we ${ours} times`;
  }
  if (subject === "pods and namespaces") return undefined;
  const readBack = meaningOf({ text: JSON.stringify(stored), type: "application/json" });
  return isDeepStrictEqual(readBack, meaningOf(manifest)) ? undefined : `stored as ${JSON.stringify(stored)}`;
}

function expectAllOf(subject: Subject, { taken, refused, codes, reasons }: Tally): void {
  expect(taken).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(20);
  expect(CODES[subject].filter((code) => !codes.has(code))).toEqual([]);
  // One that explains nothing any more is to go.
  const stale = DIFFERENCES.filter((difference) => difference.of === subject && !reasons.has(difference.why));
  expect(stale.map(({ why }) => why)).toEqual([]);
}

function* networkPolicies(): Iterable<Attempt> {
  yield* everyValue(FULL_POLICY);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const random = createRandom(seed);
    for (const policy of randomCluster(seed, { policyKinds: "NetworkPolicy" }).networkPolicies) {
      yield* attempts(random, seed, policy);
    }
  }
}

function* clusterNetworkPolicies(): Iterable<Attempt> {
  yield* everyValue(FULL_CLUSTER_POLICY);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const random = createRandom(seed);
    for (const policy of randomCluster(seed, { policyKinds: "cluster-wide" }).clusterNetworkPolicies ?? []) {
      yield* attempts(random, seed, asInstalled(policy));
    }
  }
}

function* everyValue(policy: object): Iterable<Attempt> {
  for (const mutant of withEveryValue(policy))
    yield { seed: 0, what: mutant.what, manifest: jsonText(mutant) };
}

function* attempts(random: Random, seed: number, policy: object): Iterable<Attempt> {
  const value = structuredClone(policy) as Record<string, unknown>;
  yield { seed, what: "as it is", manifest: jsonText({ value, what: "" }) };
  for (let n = 0; n < 2; n++) {
    const mutant = mutate(random, policy);
    yield { seed, what: mutant.what, manifest: jsonText(mutant) };
  }
  const { what, ...manifest } = yamlText(random, policy);
  yield { seed, what, manifest };
}

function* podObjects(): Iterable<Attempt> {
  for (const { object, list, what } of triedObjects()) {
    const value = object as Record<string, unknown>;
    yield { seed: 0, what, list, manifest: jsonText({ value, what }) };
  }
}

/** Every text that could be an address, as a block and as what is taken out of one. */
function* addressPolicies(): Iterable<Attempt> {
  for (const cidr of FIELD_VALUES.cidr!) {
    for (const ipBlock of [
      { cidr },
      { cidr: "0.0.0.0/0", except: [cidr] },
      { cidr: "::/0", except: [cidr] },
      { cidr, except: ["10.0.0.0/9"] },
      { cidr: "10.0.0.9/8", except: [cidr, cidr] },
    ]) {
      const policy = {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "p" },
        spec: { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] },
      };
      yield { seed: 0, what: JSON.stringify(ipBlock), manifest: jsonText({ value: policy, what: "" }) };
    }
  }
}
