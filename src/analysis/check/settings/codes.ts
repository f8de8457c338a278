/** Findings about what was decided about findings. */
export const SETTINGS_CODES = {
  "ignore-without-reason": {
    severity: "warning",
    summary: "A finding is to be ignored, but nobody says why: it is reported all the same.",
  },
  "unused-ignore": {
    severity: "info",
    summary: "A finding is to be ignored that is not there, or not any more.",
  },
  "unknown-code": {
    severity: "warning",
    summary: "The settings speak of a kind of finding that does not exist.",
  },
} as const;

export type SettingsCode = keyof typeof SETTINGS_CODES;
