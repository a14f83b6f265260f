import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";
import type { RegistryReference } from "#core/reference.ts";

/** What a registry answered at its own door, `/v2/`. */
export interface Knock {
  /** `https://host/` or `http://host/`, as it was reached; undefined: nobody answered. */
  readonly url: string | undefined;
  /** Whether it asks for credentials. */
  readonly asks: boolean;
  /** Its Date header and our clock when it came, in milliseconds since the epoch. */
  readonly times: { readonly theirs: number; readonly ours: number } | undefined;
  /** Why the door stays shut. */
  readonly failure: WaybillError | undefined;
}

/** Looks at registries and changes nothing in them. */
export interface RegistryProbe {
  readonly knock: (ctx: Ctx, registry: string) => Promise<Knock>;
  /** Where a credential for the registry is found, never the credential; undefined where none is known. */
  readonly findCredential: (ctx: Ctx, registry: string) => Promise<string | undefined>;
  /** The manifest's digest; undefined: the registry says that it is not there. */
  readonly findImage: (ctx: Ctx, reference: RegistryReference) => Promise<Digest | undefined>;
  /** Where papers of an image are kept: beside it, or where COSIGN_REPOSITORY says. */
  readonly placeOfPapers: (reference: RegistryReference) => RegistryReference;
  /** Whether the registry itself lists referrers of a digest. */
  readonly listsReferrers: (ctx: Ctx, place: RegistryReference, subject: Digest) => Promise<boolean>;
  /** Begins an upload and cancels it; `kept`: the registry cancels none, and will drop it by itself. */
  readonly tryUpload: (ctx: Ctx, place: RegistryReference) => Promise<"cancelled" | "kept">;
}
