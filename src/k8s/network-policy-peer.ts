import { addError, type Check, isAbsent, pathInWords, readMapping } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { readIpBlock } from "./ip-block.ts";
import { readLabelSelector } from "./label-selector.ts";
import type { FieldPath } from "./location.ts";
import type { NetworkPolicyPeer } from "./objects.ts";

const PEER: FieldSet = {
  name: "A peer",
  fields: ["podSelector", "namespaceSelector", "ipBlock"],
  elsewhere: {
    ports: "ports belongs to the rule: move it out, to the same indent as from or to.",
    port: "Ports belong to the rule: add ports: at the same indent as from or to, with - port: ... in it.",
    protocol:
      "Protocols belong to the rule: add ports: at the same indent as from or to, with - protocol: ... in it.",
    matchLabels: "Put it inside podSelector: or namespaceSelector:.",
    matchExpressions: "Put it inside podSelector: or namespaceSelector:.",
    cidr: "Put it inside ipBlock:.",
    except: "Put it inside ipBlock:, beside cidr.",
    from: "A peer is one of the sources already: remove the inner from.",
    to: "A peer is one of the destinations already: remove the inner to.",
    namespace:
      "Select the namespace by its label: namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME}}.",
  },
};

/** Reads networking.k8s.io/v1 NetworkPolicyPeer (`ValidateNetworkPolicyPeer`). */
export function readPeer(check: Check, value: unknown, path: FieldPath): NetworkPolicyPeer | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "string"
      ? "Write - podSelector: ..., - namespaceSelector: ... or - ipBlock: ..."
      : undefined,
  );
  if (map === undefined && !isAbsent(value)) return undefined;
  const peer = map ?? {};
  checkFields(check, peer, path, PEER);
  const podSelector = readOptionalSelector(check, peer.podSelector, [...path, "podSelector"]);
  const namespaceSelector = readOptionalSelector(check, peer.namespaceSelector, [
    ...path,
    "namespaceSelector",
  ]);
  const hasSelector = !isAbsent(peer.podSelector) || !isAbsent(peer.namespaceSelector);
  const hasBlock = !isAbsent(peer.ipBlock);
  const ipBlock = hasBlock ? readIpBlock(check, peer.ipBlock, [...path, "ipBlock"]) : undefined;
  if (hasBlock && hasSelector) {
    addError(check, [...path, "ipBlock"], {
      code: "ip-block-with-selector",
      message: "This peer has an ipBlock and a selector; addresses and pods are chosen in separate peers.",
      help: "Put a dash before ipBlock to make it a peer of its own (then either of them is let through).",
      part: "key",
    });
  }
  if (!hasBlock && !hasSelector && Object.keys(peer).every((key) => PEER.fields.includes(key))) {
    addError(check, path, {
      code: "empty-peer",
      message: `${pathInWords(path)} names nobody.`,
      help: emptyPeerHelp(peer, path),
    });
  }
  return {
    ...(podSelector === undefined ? {} : { podSelector }),
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(ipBlock === undefined ? {} : { ipBlock }),
  };
}

function readOptionalSelector(
  check: Check,
  value: unknown,
  path: FieldPath,
): NetworkPolicyPeer["podSelector"] {
  return isAbsent(value) ? undefined : readLabelSelector(check, value, path);
}

function emptyPeerHelp(peer: Readonly<Record<string, unknown>>, path: FieldPath): string {
  const field = Object.keys(peer)[0];
  const list = path.at(-2);
  if (field !== undefined) return `${field} is written without a value: for all of them, write ${field}: {}.`;
  return `For everyone, leave ${list} out. For every pod of the namespace, write - podSelector: {}.`;
}
