import { afterEach, describe, expect, it } from "vitest";
import { KubeError } from "../kube-error.ts";
import type { Presence } from "./served-kinds.ts";
import {
  bookmark,
  endOfList,
  follow,
  line,
  podAt,
  type Scripted,
  type WatchAnswer,
} from "./watch.fixture.ts";

// What a real API server hardly ever does, or not when it is told to; all else is tested with one, in test/apiserver.
let scripted: Scripted;
afterEach(() => scripted.close());

const LIST = [line("ADDED", podAt("db", "5")), endOfList("10")];
const status = (code: number, details = {}): string =>
  line("ERROR", { kind: "Status", code, message: "words", details });
const fails =
  (error: KubeError): WatchAnswer =>
  () => {
    throw error;
  };
const fromOf = ({ queries }: Scripted): unknown[] =>
  queries.map((query) => (query.sendInitialEvents === true ? "all" : query.resourceVersion));

describe("a watch", () => {
  it("is read in whatever pieces it comes", async () => {
    const bytes = Buffer.from([...LIST, line("ADDED", podAt("käse-☕", "11")), bookmark("12")].join(""));
    for (const size of [1, 2, 3, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      scripted = follow({ watches: [[...pieces, "open"]] });
      await expect.poll(() => scripted.events).toEqual(["added", "added", "bookmark"]);
      expect(scripted.told).toEqual(["set shop/db 5", "keep 1", "listed", "set shop/käse-☕ 11"]);
      await scripted.close();
    }
  });

  it("goes on from the last whole line where it was cut", async () => {
    const last = line("ADDED", podAt("web", "12"));
    scripted = follow({
      watches: [
        [...LIST, bookmark("11"), last.slice(0, 40)],
        [last, "open"],
      ],
    });
    await expect.poll(() => scripted.told).toContain("set shop/web 12");
    expect(fromOf(scripted)).toEqual(["all", "11"]);
    expect(scripted.told.filter((each) => each === "listed")).toHaveLength(1);
  });

  it.each([
    ["no JSON", "<html>\n"],
    ["no event", '{"kind":"Status"}\n'],
    ["an event without a version", line("ADDED", { metadata: { name: "web" } })],
    ["an event of an unknown type", line("RENAMED", podAt("web", "12"))],
  ])("is begun again where it was after %s", async (_, text) => {
    scripted = follow({ watches: [[...LIST, bookmark("11"), text, "open"]] });
    await expect.poll(() => fromOf(scripted)).toEqual(["all", "11"]);
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(scripted.reflector.status()).toMatchObject({ lists: 1, objects: 1 });
  });

  it("reads all after a 410 in its midst, as well as instead of it", async () => {
    const again = [endOfList("20"), "open"];
    scripted = follow({
      watches: [
        [...LIST, status(410)],
        [...LIST, line("MODIFIED", podAt("db", "13"))],
        fails(new KubeError("expired", "too old", undefined, { status: 410 })),
        again,
      ],
    });
    await expect.poll(() => scripted.reflector.status().lists).toBe(3);
    expect(fromOf(scripted)).toEqual(["all", "all", "13", "all"]);
    expect(scripted.told.slice(-2)).toEqual(["keep 0", "listed"]);
    expect(scripted.reflector.status().error).toBeUndefined();
  });

  it("is begun again after other errors, and all is read after five of them", async () => {
    const errors = [500, 504, 400, 500].map((code) => [status(code)]);
    scripted = follow({ watches: [[...LIST, status(500)], ...errors, [endOfList("11"), "open"]] });
    await expect.poll(() => scripted.reflector.status().lists).toBe(2);
    expect(fromOf(scripted)).toEqual(["all", "10", "10", "10", "10", "all"]);
  });

  it("is not begun with all objects because a server is overloaded", async () => {
    const busy = fails(new KubeError("server", "busy", undefined, { status: 503 }));
    scripted = follow({ watches: [LIST, ...Array.from({ length: 20 }, () => busy), ["open"]] });
    await expect.poll(() => scripted.queries.length).toBe(22);
    expect(scripted.reflector.status().lists).toBe(1);
  });

  it("waits as long as the server wants", async () => {
    scripted = follow({
      watches: [LIST, fails(new KubeError("server", "busy", "later", { status: 429, retryAfter: 60_000 }))],
    });
    await expect.poll(() => scripted.reflector.status().state).toBe("waiting");
    expect(scripted.reflector.status()).toMatchObject({ error: "busy", help: "later", objects: 1 });
    expect(scripted.queries).toHaveLength(2);
  });

  it("that ends at once is not begun again at once", async () => {
    scripted = follow({ watches: [LIST, [], ["open"]] });
    await expect.poll(() => scripted.events).toContain("error");
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
  });

  it("is begun again, without a word, after a silence", async () => {
    scripted = follow(
      {
        watches: [
          [...LIST, "open"],
          [bookmark("11"), "open"],
        ],
      },
      { times: { silence: 50 } },
    );
    await expect.poll(() => fromOf(scripted).slice(0, 3)).toEqual(["all", "10", "11"]);
    expect(scripted.events).not.toContain("error");
  });

  it("that goes back in time is not believed until all has been read", async () => {
    scripted = follow({
      watches: [
        [...LIST, line("MODIFIED", podAt("db", "9")), "open"],
        [endOfList("11"), "open"],
      ],
    });
    await expect.poll(() => scripted.reflector.status().lists).toBe(2);
    expect(scripted.told).not.toContain("set shop/db 9");
  });
});

describe("a list by pages", () => {
  const refusal = fails(new KubeError("server", "unknown parameter", undefined, { status: 422 }));
  const page = (resourceVersion: string, ...names: readonly string[]): object => ({
    metadata: { resourceVersion },
    items: names.map((name) => podAt(name, "5")),
  });

  it("stands in for one that is streamed", async () => {
    scripted = follow({ watches: [refusal, ["open"]], pages: [page("10", "db", "web")] });
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(fromOf(scripted)).toEqual(["all", undefined, "10"]);
    expect(scripted.told).toEqual(["set shop/db 5", "set shop/web 5", "keep 2", "listed"]);
  });

  it("stands in as well where the parameter is not understood at all", async () => {
    scripted = follow({
      watches: [[line("ADDED", podAt("db", "5")), bookmark("9"), "open"], ["open"]],
      pages: [page("10", "db")],
    });
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(scripted.told.slice(-2)).toEqual(["keep 1", "listed"]);
  });

  it("that is older than what is known is believed only if the server insists", async () => {
    scripted = follow({
      watches: [[...LIST, status(410)], ...Array.from({ length: 6 }, () => refusal), ["open"]],
      pages: [...Array.from({ length: 5 }, () => page("8", "lost")), page("8", "old")],
    });
    await expect.poll(() => scripted.reflector.status().lists).toBe(2);
    expect(scripted.told.slice(-3)).toEqual(["set shop/old 5", "keep 1", "listed"]);
    expect(scripted.queries.filter(({ limit }) => limit !== undefined)).toHaveLength(6);
    expect(scripted.told).not.toContain("set shop/lost 5");
  });
});

describe("many objects", () => {
  const COUNT = 150_000;
  function* all(): Generator<string> {
    for (let n = 0; n < COUNT; n++) yield line("ADDED", podAt(`pod-${n}`, String(n + 1)));
    yield endOfList(String(COUNT + 1));
    for (let n = 0; n < COUNT; n++) yield line("MODIFIED", podAt(`pod-${n}`, String(COUNT + 2 + n)));
    yield "open";
  }

  it("overflow no stack, in a list and in a burst of events", async () => {
    scripted = follow({ watches: [all()] });
    await expect.poll(() => scripted.told.length, { timeout: 60_000 }).toBe(2 * COUNT + 2);
    expect(scripted.reflector.status()).toMatchObject({ objects: COUNT, lists: 1, state: "watching" });
  });

  it("overflow no stack in one page", async () => {
    const items = Array.from({ length: COUNT }, (_, n) => podAt(`pod-${n}`, "5"));
    const refused = fails(new KubeError("server", "unknown parameter", undefined, { status: 422 }));
    scripted = follow({
      watches: [refused, ["open"]],
      pages: [{ metadata: { resourceVersion: "10" }, items }],
    });
    await expect.poll(() => scripted.told.length, { timeout: 60_000 }).toBe(COUNT + 2);
  });

  it("nor do many failures", async () => {
    function* failing(): Generator<WatchAnswer> {
      yield LIST;
      for (let n = 0; n < 2_000; n++) yield fails(new KubeError("unreachable", "no way"));
    }
    scripted = follow({ watches: [...failing()] }, { times: { backOff: 0, longestBackOff: 0 } });
    await expect.poll(() => scripted.reflector.status().state, { timeout: 60_000 }).toBe("watching");
    await expect
      .poll(() => scripted.events.filter((type) => type === "error").length, { timeout: 60_000 })
      .toBe(2_000);
    expect(scripted.reflector.status().lists).toBe(1);
  });
});

describe("a sink that throws", () => {
  it("is reported, and hears of what comes after", async () => {
    const seen: string[] = [];
    scripted = follow(
      { watches: [[...LIST, line("ADDED", podAt("bad", "11")), line("ADDED", podAt("good", "12")), "open"]] },
      {
        sink: {
          set(object) {
            const { name } = object.metadata as { name: string };
            if (name === "bad") throw new Error("a bug");
            seen.push(name);
          },
        },
      },
    );
    await expect.poll(() => seen).toEqual(["db", "good"]);
    expect(scripted.problems).toMatchObject([
      { code: "listener", message: expect.stringContaining("Pod shop/bad: a bug") as string },
    ]);
    expect(scripted.reflector.status().state).toBe("watching");
  });
});

describe("a kind that need not be installed", () => {
  const notFound = fails(new KubeError("not-found", "no such kind", undefined, { status: 404 }));

  it("is absent, and read once it appears", async () => {
    let presence: Presence = "absent";
    scripted = follow({ watches: [notFound, [...LIST, "open"]] }, { presence: async () => presence });
    await expect.poll(() => scripted.reflector.status().state).toBe("absent");
    expect(scripted.told).toEqual(["keep 0", "listed"]);
    presence = "served";
    await expect.poll(() => scripted.reflector.status()).toMatchObject({ state: "watching", objects: 1 });
  });

  it("that was known is given up only after a second look", async () => {
    scripted = follow(
      { watches: [LIST, notFound, [bookmark("11"), status(500)], notFound, notFound] },
      { presence: async () => "absent" as const },
    );
    await expect.poll(() => scripted.reflector.status().state).toBe("absent");
    expect(scripted.told).toEqual(["set shop/db 5", "keep 1", "listed", "keep 0", "listed"]);
    expect(fromOf(scripted)).toEqual(["all", "10", "10", "11", "11"]);
  });

  it("that is there in another version only is told, keeps nobody waiting, and keeps what was known", async () => {
    let presence: Presence = { otherVersions: ["v1"] };
    scripted = follow(
      { watches: [LIST, notFound, notFound, [...LIST, "open"]] },
      { presence: async () => presence },
    );
    await expect
      .poll(() => scripted.reflector.status())
      .toMatchObject({
        state: "waiting",
        error: expect.stringContaining("as v1; podwall knows v1 only") as string,
        objects: 1,
      });
    expect(scripted.told.slice(0, 4)).toEqual(["set shop/db 5", "keep 1", "listed", "listed"]);
    presence = "served";
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(scripted.reflector.status().error).toBeUndefined();
  });

  it("that may not be asked for in discovery is absent where the server says so", async () => {
    const forbidden = async (): Promise<Presence> => {
      throw new KubeError("forbidden", "you may not");
    };
    scripted = follow({ watches: [notFound, notFound, [...LIST, "open"]] }, { presence: forbidden });
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(scripted.told).toEqual([
      ...["keep 0", "listed", "keep 0", "listed"],
      ...["set shop/db 5", "keep 1", "listed"],
    ]);
  });

  it("that may not be read, and seems not to be there, is given up only after a second look", async () => {
    const forbidden = fails(new KubeError("forbidden", "you may not", undefined, { status: 403 }));
    // As from a server that has just started, which knows neither rights nor kinds yet.
    scripted = follow({ watches: [forbidden, [...LIST, "open"]] }, { presence: async () => "absent" });
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
    expect(scripted.told).toEqual(["set shop/db 5", "keep 1", "listed"]);
  });

  it("that may not be read is waited for where it is installed", async () => {
    const forbidden = fails(new KubeError("forbidden", "you may not", undefined, { status: 403 }));
    scripted = follow(
      { watches: [forbidden, [...LIST, "open"]] },
      {
        presence: async () => "served" as const,
        times: { backOff: 200, longestBackOff: 200 },
      },
    );
    await expect
      .poll(() => scripted.reflector.status())
      .toMatchObject({ state: "waiting", error: "you may not" });
    expect(scripted.told).toEqual([]);
    await expect.poll(() => scripted.reflector.status().state).toBe("watching");
  });
});

it("says of a refusal after the server was away that it may pass", async () => {
  const away = fails(new KubeError("unreachable", "nothing listens"));
  const forbidden = fails(new KubeError("forbidden", "you may not", undefined, { status: 403 }));
  const slow = { times: { backOff: 200, longestBackOff: 200 } };
  scripted = follow({ watches: [LIST, away, forbidden, ["open"]] }, slow);
  const help = (): string => scripted.reflector.status().help ?? "";
  await expect
    .poll(help)
    .toMatch(/^A server that has just started .* this may pass by itself\. If not:\n {2}Give /);
});

it("says nothing of the kind where the server was there all the time", async () => {
  const forbidden = fails(new KubeError("forbidden", "you may not", undefined, { status: 403 }));
  const slow = { times: { backOff: 200, longestBackOff: 200 } };
  scripted = follow({ watches: [LIST, forbidden, ["open"]] }, slow);
  await expect.poll(() => scripted.reflector.status().help).toMatch(/^Give /);
});
