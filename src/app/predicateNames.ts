import { PREDICATE_TYPES } from "#claims/predicateType.ts";

/** Short names of predicate types, as `--type` takes them. */
export const PREDICATE_NAMES: readonly string[] = Object.keys(PREDICATE_TYPES);
