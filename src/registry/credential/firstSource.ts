import type { CredentialSource } from "#registry/client/credentials.ts";

/** Asks one source after another; the first that knows the place answers. A source that fails ends it. */
export const firstSource =
  (sources: readonly CredentialSource[]): CredentialSource =>
  async (ctx, place, refused) => {
    for (const source of sources) {
      const found = await source(ctx, place, refused);
      if (found !== undefined) return found;
    }
    return undefined;
  };
