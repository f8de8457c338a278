import { createHash } from "node:crypto";

/** Eight hexadecimal digits that stand for a text; equal texts, equal digits. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Twelve, where very many texts must stay apart. */
export function setHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** A Kubernetes name as part of an nftables identifier: letters, digits, `-` and `.` stay, and it is kept short. */
export function identifierPart(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, "_").slice(0, 40);
}

/** A comment as nft accepts it: at most 128 bytes, no quotes. */
export function commentText(text: string): string {
  const clean = text.replace(/["\\\n]/g, "'");
  return clean.length > 120 ? `${clean.slice(0, 117)}...` : clean;
}
