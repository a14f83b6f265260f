export type CycloneDxVersion = "1.4" | "1.5" | "1.6";
