import { ingressRule, type WrongInput, wrongFile } from "./wrong-input.ts";

function wrongPeer(name: string, from: string, mentions: readonly RegExp[], certainty?: "line"): WrongInput {
  return wrongFile(name, "policy.yaml", ingressRule({ from }), mentions, certainty);
}

function wrongPort(name: string, port: string, mentions: readonly RegExp[], certainty?: "line"): WrongInput {
  return wrongFile(name, "policy.yaml", ingressRule({ from: "podSelector: {}", port }), mentions, certainty);
}

/** Peers and ports that Kubernetes would refuse. */
export const rules: readonly WrongInput[] = [
  wrongPeer("a prefix longer than the address", "ipBlock: {cidr: ^10.0.0.0/33}", [
    /10\.0\.0\.0\/33/,
    /CIDR|32/i,
  ]),
  wrongPeer("an except outside its cidr", "ipBlock: {cidr: 10.0.0.0/8, except: [^192.168.5.0/24]}", [
    /except/,
    /192\.168\.5\.0\/24/,
    /10\.0\.0\.0\/8/,
  ]),
  wrongPeer("an except equal to its cidr", "ipBlock: {cidr: 10.0.0.0/8, except: [^10.0.0.0/8]}", [
    /except/,
    /10\.0\.0\.0\/8/,
  ]),
  // The message may point at the peer or at the selector: both are on this line.
  wrongPeer(
    "an ipBlock beside a selector",
    "^{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {matchLabels: {server: api}}}",
    [/ipBlock/, /podSelector|selector/],
    "line",
  ),
  wrongPeer("an empty peer", "^{}", [/empty|nothing|no field/i, /peer|from/]),
  wrongPort("endPort below port", "{protocol: TCP, port: 443, ^endPort: 80}", [
    /endPort/,
    /\b80\b/,
    /\b443\b/,
  ]),
  // The message may point at the name or at the endPort.
  wrongPort(
    "endPort with a named port",
    "{protocol: TCP, port: mysql, endPort: ^9000}",
    [/endPort/, /mysql|name/],
    "line",
  ),
  wrongPort("endPort without port", "{protocol: TCP, endPort: ^9000}", [/endPort/, /\bport\b/], "line"),
  wrongPort("an unknown protocol", "{protocol: ^HTTP, port: 80}", [/HTTP/, /TCP/, /UDP/, /SCTP/]),
  wrongPort("port 0", "{protocol: TCP, port: ^0}", [/port/, /\b0\b/, /65535/]),
  wrongPort("port 70000", "{protocol: TCP, port: ^70000}", [/70000/, /65535/]),
  wrongPort("a port name of more than 15 characters", "{protocol: TCP, port: ^metrics-of-the-database}", [
    /metrics-of-the-database/,
    /\b15\b/,
  ]),
];
