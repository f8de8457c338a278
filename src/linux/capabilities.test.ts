import { describe, expect, it } from "vitest";
import { netAdminMissingIn } from "./capabilities.ts";

const status = (user: number, effective: string, bounding: string): string =>
  `Name:\tnode\nUid:\t${user}\t${user}\t${user}\t${user}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`;
const [ALL, NET_ADMIN, ALL_BUT, NONE] = [
  "000001ffffffffff",
  "0000000000001000",
  "000001ffffffefff",
  "0000000000000000",
];

describe("what a process lacks to change rules", () => {
  it("is nothing with NET_ADMIN in effect, whoever it is", () => {
    expect(netAdminMissingIn(status(0, ALL, ALL))).toBeUndefined();
    expect(netAdminMissingIn(status(0, NET_ADMIN, NET_ADMIN))).toBeUndefined();
    expect(netAdminMissingIn(status(65532, NET_ADMIN, NET_ADMIN))).toBeUndefined();
  });

  it("is NET_ADMIN, which a container has to add", () => {
    expect(netAdminMissingIn(status(0, ALL_BUT, ALL_BUT))).toContain("add NET_ADMIN (Kubernetes");
    expect(netAdminMissingIn(status(65532, NONE, NONE))).toContain("(user 65532)");
  });

  it("is to be root, where only root would get it", () => {
    const message = netAdminMissingIn(status(65532, NONE, NET_ADMIN));
    expect(message).toContain("user 65532 does not get it by itself");
    expect(message).toContain("runAsUser: 0");
  });
});
