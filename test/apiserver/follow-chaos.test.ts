import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { readCluster } from "../../src/source/kube/read-cluster.ts";
import { describeApiServer } from "./binaries.ts";
import { namespace, networkPolicy, node, pod } from "./cluster-objects.ts";
import { type Followed, follow } from "./followed.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { createObjects, listPath } from "./objects.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const SEED = Number(process.env.PODWALL_SEED ?? Date.now() % 1_000_000);
const OPERATIONS = 400;

/** Random numbers from a seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describeApiServer("following a cluster through random changes and disturbances", () => {
  let server: ApiServer;
  let relay: Relay;
  let followed: Followed;
  const random = randomFrom(SEED);
  const below = (count: number): number => Math.floor(random() * count);

  beforeAll(async () => {
    server = await startApiServer();
    relay = await startRelay({ port: Number(new URL(server.url).port) });
    await createObjects(
      server.requests,
      [0, 1, 2].flatMap((n) => [namespace(`n${n}`), node(`node-${n}`, `192.0.2.${n}`)]),
    );
    const cluster = { server: `https://127.0.0.1:${relay.port}` };
    const user = { token: server.tokens.admin };
    followed = await follow(writeKubeconfig(server, "config", [{ name: "prod", user, cluster }]), {
      times: { silence: 1_500, watch: 2_000 },
    });
  });
  afterAll(async () => {
    await followed?.close();
    await relay?.stop();
    await server?.stop();
  });

  /** Names are few, so that objects come back under the name of one that has gone, and addresses go over to others. */
  async function changeSomething(): Promise<void> {
    const { send } = server.requests;
    const name = `x${below(12)}`;
    const place = `n${below(3)}`;
    const fields = {
      labels: { app: `a${below(3)}` },
      address: `10.0.0.${below(20)}`,
      node: `node-${below(3)}`,
      phase: random() < 0.1 ? "Succeeded" : "Running",
    };
    const onePod = pod(place, name, fields);
    const policy = networkPolicy(place, name, { podSelector: { matchLabels: { app: `a${below(3)}` } } });
    const podPath = `${listPath(onePod)}/${name}`;
    switch (below(7)) {
      case 0:
      case 1:
      case 2: {
        const created = await send("POST", listPath(onePod), onePod);
        if (created.status === 201) await send("PATCH", `${podPath}/status`, { status: onePod.status });
        else await send("PATCH", podPath, { metadata: { labels: fields.labels } });
        break;
      }
      case 3:
        await send("DELETE", `${podPath}?gracePeriodSeconds=0`);
        break;
      case 4:
        await send("POST", listPath(policy), policy);
        break;
      case 5:
        await send("DELETE", `${listPath(policy)}/${name}`);
        break;
      default:
        await send("PATCH", `/api/v1/namespaces/${place}`, {
          metadata: { labels: { team: `t${below(3)}` } },
        });
    }
  }

  async function disturb(): Promise<void> {
    switch (below(5)) {
      case 0:
        return relay.cut();
      case 1:
        return relay.reset();
      case 2:
        relay.blackHole();
        break;
      case 3:
        relay.refuse();
        break;
      default:
        await server.compact();
        return;
    }
    await sleep(below(2_000));
    relay.restore();
  }

  it(`ends with what is there (PODWALL_SEED=${SEED})`, { timeout: 240_000 }, async () => {
    for (let n = 0; n < OPERATIONS; n++) {
      await changeSomething();
      if (n % 20 === 19) await disturb();
      if (n === OPERATIONS / 2) {
        relay.refuse();
        for (let more = 0; more < 20; more++) await changeSomething();
        await server.restart();
        relay.restore();
      }
    }
    relay.restore();
    await expect
      .poll(
        async () => {
          const { objects } = await readCluster(followed.client);
          return clusterChanges(
            followed.cluster(),
            buildCluster(objects, { unaddressed: "left-out" }).cluster,
          );
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([]);
    expect(followed.problems).toEqual([]);
    // Not after each of the disturbances: only the server that was started anew had forgotten what was read.
    expect(followed.resource("pods").lists).toBeLessThan(4);
    const policies = new Map([...followed.follower.policyVersions()].map(([id, { uid }]) => [id, uid]));
    const listed = (await server.requests.must("GET", "/apis/networking.k8s.io/v1/networkpolicies")) as {
      items: { metadata: { namespace: string; name: string; uid: string } }[];
    };
    expect(policies).toEqual(
      new Map(
        listed.items.map(({ metadata }) => [
          `NetworkPolicy ${metadata.namespace}/${metadata.name}`,
          metadata.uid,
        ]),
      ),
    );
  });
});
