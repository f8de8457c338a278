import type { Check } from "../check.ts";
import { missingNamespace } from "./missing-namespace.ts";

/** What is written in a way that will hurt one day. */
export const HYGIENE_CHECKS: readonly Check[] = [missingNamespace];
