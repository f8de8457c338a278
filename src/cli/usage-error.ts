/** What the user asked for cannot be done as asked; the message says why and what to do. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
