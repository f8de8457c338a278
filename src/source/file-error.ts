import type { FindingCode, InputFinding } from "../k8s/finding-codes.ts";

/** What a failed file operation means, in words for people. Errors that are not the system's are thrown on. */
export function fileErrorFinding(path: string, error: unknown): InputFinding {
  const { code, message, help } = explain(path, systemCode(error), error);
  return {
    code,
    severity: "error",
    position: { file: path, line: 0, column: 0 },
    message,
    ...(help === undefined ? {} : { help }),
  };
}

/** The system's name of the error, such as `ENOENT`. */
function systemCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}

interface Explanation {
  readonly code: FindingCode;
  readonly message: string;
  readonly help?: string;
}

function explain(path: string, system: string, error: unknown): Explanation {
  switch (system) {
    case "ENOENT":
    case "ENOTDIR":
      return /^https?:/.test(path)
        ? {
            code: "path-not-found",
            message: "Addresses of the web are not fetched.",
            help: `Pipe it in: curl -sSL ${path} | podwall ... -`,
          }
        : { code: "path-not-found", message: "There is no such file or folder.", help: "Check the path." };
    case "ELOOP":
      return {
        code: "path-not-found",
        message: "The symbolic link leads back to itself.",
        help: "Correct or remove the link.",
      };
    case "EACCES":
    case "EPERM":
      return {
        code: "no-permission",
        message: "You may not read this.",
        help: "Ask its owner for permission, or run as a user who has it.",
      };
    case "ENAMETOOLONG":
      return { code: "path-not-found", message: "The path is too long for this system." };
    case "EMFILE":
    case "ENFILE":
      return {
        code: "unreadable-file",
        message: "Too many files are open on this machine.",
        help: "Close some, or try again.",
      };
    case "ERR_FS_FILE_TOO_LARGE":
    case "ERR_STRING_TOO_LONG":
      return { code: "too-large", message: "The file is too large.", help: "Split it into several files." };
    default: {
      const reason = error instanceof Error ? reasonOf(error.message) : "";
      return {
        code: "unreadable-file",
        message: reason === "" ? "It cannot be read." : `It cannot be read: ${reason}.`,
      };
    }
  }
}

/** `i/o error` of `EIO: i/o error, read`. */
function reasonOf(message: string): string {
  return /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1] ?? "";
}
