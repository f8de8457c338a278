import { expect, it } from "vitest";
import { CONTROLLER, INGRESS, publishedBy, SERVICES, SHOP } from "./exposure.fixture.ts";
import { publishedLines } from "./published-text.ts";
import { plainStyle } from "./style.ts";

function text(...manifests: string[]): string {
  return publishedLines(publishedBy(...manifests), plainStyle).join("\n");
}

it("tells where every port of a service leads, and what policies make of it", () => {
  expect(text(SHOP, SERVICES)).toMatchInlineSnapshot(`
    "Published to the outside, as Services and Ingresses tell (derived: nothing here is measured)
      service shop/api (NodePort)
        TCP 80 -> api TCP 8080  allowed from anywhere
      service shop/bare (external IPs 192.0.2.9)
        it has no selector: where it leads is not in the input
      service shop/none (NodePort)
        its selector matches no pod
      service shop/web (LoadBalancer 192.0.2.1)
        TCP 80 (node port 30080) -> web TCP 8080  allowed only from 203.0.113.16-203.0.113.255 (IPv4), blocked by policies (IPv6)
        TCP 22                   -> web TCP 22    blocked by policies
        TCP 81                   -> web           leads nowhere: no TCP port named admin there
        the load balancer is asked to admit only 198.51.100.0/24 (loadBalancerSourceRanges)
        externalTrafficPolicy Cluster: policies may see the address of a node instead of the client's; they let no other node through"
  `);
});

it("tells what an Ingress publishes, as far as its controller is known", () => {
  expect(text(SHOP, SERVICES.replaceAll(/type: \w+/g, "type: ClusterIP"), INGRESS)).toMatchInlineSnapshot(`
    "Published to the outside, as Services and Ingresses tell (derived: nothing here is measured)
      service shop/bare (external IPs 192.0.2.9)
        it has no selector: where it leads is not in the input
      ingress shop/site (class nginx; its controller is not in the input)
        shop.example.com/    -> web TCP 8080  not known: it depends on the controller's pods
        shop.example.com/api -> api TCP 8080  not known: it depends on the controller's pods
        shop.example.com/x   -> gone:80       leads nowhere: service gone is not in the input
        shop.example.com/y   -> api:81        leads nowhere: service api has no port 81
        shop.example.com/z   -> none:80       leads nowhere: its service matches no pod"
  `);
});

it("asks the policies about the controller's pods", () => {
  const lines = text(SHOP, SERVICES, INGRESS, CONTROLLER);
  expect(lines).toMatch(/\(class nginx; controller ingress-nginx\/nginx\)/);
  expect(lines).toMatch(/com\/ +-> web TCP 8080 +blocked by policies: the controller cannot reach it/);
  expect(lines).toMatch(/com\/api +-> api TCP 8080 +allowed from the controller/);
});

it("says nothing where nothing is published", () => {
  expect(publishedLines(publishedBy(SHOP), plainStyle)).toEqual([]);
});
