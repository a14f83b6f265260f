/** Versions of CycloneDX that are written. 1.4 has no lifecycles, occurrences and identity evidence. */
export type CycloneDxVersion = "1.4" | "1.5" | "1.6";
