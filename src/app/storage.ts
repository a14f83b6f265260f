/** Where papers are stored and looked for: Sigstore bundles as referrers, cosign's legacy tags, or both. */
export type Storage = "both" | "bundle" | "legacy";

export type Form = "legacy" | "bundle";

export const formsOf = (storage: Storage): readonly Form[] => (storage === "both" ? ["bundle", "legacy"] : [storage]);
