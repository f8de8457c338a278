/** The protocols that programs name, by number. nft may list them by either. */
export const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp", 132: "sctp" };
