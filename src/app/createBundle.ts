import { assembleBundle } from "#app/assembleBundle.ts";
import type { AssembledBundle } from "#app/assembleBundle.ts";
import type { BlobFiles } from "#app/blobFiles.ts";
import { readBlobPapers } from "#app/blobPapers.ts";
import { readOldBundle } from "#app/readOldBundle.ts";
import type { OldBundle } from "#app/readOldBundle.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

export interface CreateBundleInput {
  /** Path of the signed file, or `-`. */
  readonly artifact: string;
  /** What there is of it: a signature, a DSSE envelope, or cosign's old bundle file. */
  readonly paper: { readonly kind: "signature" | "attestation" | "bundle"; readonly source: string };
  /** Undefined: the key in the old bundle file. */
  readonly trust: TrustMaterial | undefined;
}

/** Makes a Sigstore bundle v0.3 of what other tools left in files (`assembleBundle`). */
export const createBundle =
  (deps: { readonly files: BlobFiles }) =>
  async (ctx: Ctx, { artifact, paper, trust }: CreateBundleInput): Promise<AssembledBundle> => {
    if (paper.kind === "bundle") return ofOldBundle(deps, ctx, artifact, paper.source, trust);
    if (trust === undefined) throw keyless(paper.source);
    const wanted = paper.kind === "signature" ? "message" : "statement";
    const [read] = await readBlobPapers(ctx, deps.files, [{ form: "bare", source: paper.source }], wanted);
    if (read === undefined) throw new WaybillError("INTERNAL", "a paper that was read is gone");
    return assembleBundle(deps)(ctx, { ...read, trust, artifact });
  };

const ofOldBundle = async (
  deps: { readonly files: BlobFiles },
  ctx: Ctx,
  artifact: string,
  name: string,
  trust: TrustMaterial | undefined,
): Promise<AssembledBundle> => {
  const old = readOldBundle(await deps.files.readPaper(ctx, name), name);
  if (old === undefined)
    throw new WaybillError("INPUT_INVALID", `${name}: it is no bundle file of cosign 2`, {
      hint: "waybill bundle upgrade makes v0.3 of older Sigstore bundles.",
    });
  return assembleBundle(deps)(ctx, {
    name,
    candidate: old.candidate,
    trust: trustOfOldBundle(old, trust, name),
    artifact,
  });
};

/** The keys that were given, or the one in the file. USAGE_INVALID where there is none. */
export const trustOfOldBundle = ({ key }: OldBundle, given: TrustMaterial | undefined, name: string): TrustMaterial => {
  if (given !== undefined) return given;
  if (key === undefined) throw keyless(name);
  return { keys: [{ name: `the key in ${name}`, key }] };
};

const keyless = (name: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `--key is required: nothing in ${name} says which key made it`, {
    hint: "Give the public key of who signed, such as --key cosign.pub.",
  });
