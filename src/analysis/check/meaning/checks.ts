import type { Check } from "../check.ts";
import { orInsteadOfAnd } from "./or-instead-of-and.ts";

/** Policies that mean something else than they look like. */
export const MEANING_CHECKS: readonly Check[] = [orInsteadOfAnd];
