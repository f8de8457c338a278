import { expect, it } from "vitest";
import { policyObject } from "../cluster/objects.fixture.ts";
import { exposureWith, variedExposure } from "./exposure.fixture.ts";
import { exposureText } from "./exposure-text.ts";
import { plainStyle } from "./style.ts";

it("tells everybody who could come in, with those who do now", () => {
  expect(exposureText(variedExposure(), plainStyle)).toMatchInlineSnapshot(`
    "Who could connect, whether such pods are there or not, as far as the policies of each workload decide.

    shop
      db
        who may come in
          any pod of any namespace                TCP 80
            but not any pod of namespaces trust=none
          pods app=web of this namespace          TCP 80, TCP 5432  now: web
          pods role=monitoring of this namespace  TCP 80, TCP 9090  nobody wears this label yet
          addresses 10.0.0.0/8 but 10.1.0.0/16    TCP 22            every pod has such an address now, so that any new pod may too
        whom it may reach
          any pod of namespace kube-system  UDP port named dns  no pod is there yet
            but not pods old=yes of any namespace: no UDP port named dns

    No policy limits who may come in
      shop  web
    No policy limits whom it may reach
      shop  web
    On the network of their nodes, where no policy applies
      ops  agent

    A label that nobody wears yet is an open door: whoever may label pods or namespaces can walk in.
    What the other pod's own policies say is not counted: those of a pod that is not there are not known.
    "
  `);
});

it("says that nobody may pass where no rule lets anybody", () => {
  const text = exposureText(exposureWith(policyObject("deny", { policyTypes: ["Ingress"] })), plainStyle);
  expect(text).toContain("nobody: no label and no address opens it");
});

it("tells families apart where they differ", () => {
  const all = policyObject("all", {
    podSelector: { matchLabels: { app: "db" } },
    ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] }],
  });
  const text = exposureText(exposureWith(all), plainStyle);
  expect(text).toMatch(/any pod of any namespace +TCP 443 \(IPv4 only\)/);
  expect(text).toMatch(/any IPv4 address outside the cluster +TCP 443\n/);
});

it("says so where nothing is left open", () => {
  const closed = policyObject("closed", { policyTypes: ["Ingress", "Egress"] });
  const { sides } = exposureWith(closed);
  expect(exposureText({ sides, hostNetwork: [] }, plainStyle)).toContain(
    "A policy limits every workload that was asked about.",
  );
});
