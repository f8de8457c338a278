/** What an option means that may have a value, and was given none; by command. */
const BARE_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lab: { "--flows": "denied" },
  check: { "--fix": "safe" },
};

/**
 * The arguments with a value for each option that may go without: what follows a bare one is a path, and would be taken
 * for its value.
 */
export function withBareValues(argv: readonly string[]): string[] {
  const values = BARE_VALUES[argv[0] ?? ""];
  if (values === undefined || argv[1] === "exec") return [...argv];
  const end = argv.indexOf("--");
  return argv.map((arg, i) =>
    Object.hasOwn(values, arg) && (end < 0 || i < end) ? `${arg}=${values[arg]}` : arg,
  );
}
