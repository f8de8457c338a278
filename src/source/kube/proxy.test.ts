import { describe, expect, it } from "vitest";
import type { KubeContext } from "./context.ts";
import { proxyOf } from "./proxy.ts";

function contextOf(server: string, proxyUrl?: string): KubeContext {
  return {
    name: "prod",
    file: "config",
    server,
    tls: { insecure: false },
    user: { name: "me" },
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

describe("proxyOf", () => {
  const env = { HTTPS_PROXY: "http://proxy.example:3128", NO_PROXY: "inside.example, .local,10.0.0.7" };

  it.each([
    ["https://api.example:6443", "proxy.example:3128"],
    ["https://notinside.example", "proxy.example:3128"],
    ["https://inside.example", undefined],
    ["https://api.inside.example:6443", undefined],
    ["https://cluster.local", undefined],
    ["https://10.0.0.7:6443", undefined],
    ["https://10.0.0.70:6443", "proxy.example:3128"],
    ["https://localhost:6443", undefined],
    ["https://127.0.0.1:6443", undefined],
    ["https://[::1]:6443", undefined],
    // HTTPS_PROXY is not for plain HTTP.
    ["http://api.example:8001", undefined],
  ])("reaches %s by way of %s", (server, proxy) => {
    expect(proxyOf(contextOf(server), env)?.host).toBe(proxy);
  });

  it("takes the kubeconfig's before the environment's, for any host", () => {
    expect(proxyOf(contextOf("https://127.0.0.1:6443", "http://own:80"), env)?.hostname).toBe("own");
  });

  it("exempts every host for *", () => {
    expect(proxyOf(contextOf("https://api.example"), { ...env, NO_PROXY: "*" })).toBeUndefined();
  });

  it("knows the variables in small letters, and addresses without a scheme", () => {
    expect(proxyOf(contextOf("https://api.example"), { https_proxy: "proxy:3128" })?.host).toBe("proxy:3128");
  });

  it("refuses what it cannot use instead of going without", () => {
    expect(() => proxyOf(contextOf("https://api.example"), { HTTPS_PROXY: "socks5://proxy:1080" })).toThrow(
      "The proxy socks5://proxy:1080 of HTTPS_PROXY is not supported",
    );
  });
});
