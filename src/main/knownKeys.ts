import { noteKey } from "#app/noteKey.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { KeyNote } from "#app/noteKey.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import type { Ctx } from "#core/ctx.ts";

/** The service's keys as they were when they were last noted; whoever asks at every request needs them at once. */
export interface KnownKeys {
  readonly note: (ctx: Ctx, note: KeyNote) => Promise<void>;
  readonly ids: () => readonly string[];
}

export const knownKeys = (deps: Pick<ServiceDeps, "store">): KnownKeys => {
  let ids: readonly string[] = [];
  return {
    note: async (ctx, note) => {
      const keys = await noteKey(deps)(ctx, { by: "service", note });
      if (note.kind === "loaded") ctx.log("info", "the key is loaded", { key: `sha256:${keyFingerprint(note.key)}` });
      if (note.kind === "lost") ctx.log("warn", "there is no key that can be opened");
      ids = keys.map(({ id }) => id);
    },
    ids: () => ids,
  };
};
