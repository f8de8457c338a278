/** The netlink attributes in a piece of a message, by number; the values are parts of it, not copies. */
export function attributesOf(bytes: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; at += alignedLength(bytes.readUInt16LE(at))) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    // The two highest bits are flags (nested, byte order).
    attributes.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
  }
  return attributes;
}

/** Netlink pads everything to four bytes. */
export function alignedLength(length: number): number {
  return (length + 3) & ~3;
}
