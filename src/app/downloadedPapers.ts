import type { UnreadableClaim } from "#claims/claim.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface DownloadInput {
  /** As the user wrote it. */
  readonly reference: string;
  /** `os/arch[/variant]`: of an index, this image. */
  readonly platform?: string | undefined;
  /** Takes a paper's line of JSON, without a line feed, before the next batch is read: papers may have a gigabyte together. */
  readonly take: (line: Uint8Array) => Promise<void>;
}

/** What was handed on, and what could not be. */
export interface DownloadReport {
  readonly count: number;
  /** Papers of the kind that are there and were not asked for in this form. */
  readonly left: number;
  /** Papers whose statement names another image. */
  readonly foreign: number;
  readonly unreadable: readonly UnreadableClaim[];
  /** What kept papers from being read: nobody knows then whether that was all. */
  readonly failures: readonly WaybillError[];
}

/** The image whose papers are wanted. */
export const imageToDownload =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: Pick<DownloadInput, "reference" | "platform">): Promise<ResolvedImage> => {
    const reference = parseReference(input.reference);
    const image = await resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
    demandSha256(image.digest);
    return image;
  };

/** JSON on one line: line feeds can only stand between its values, so a blank does as well. */
export const onOneLine = (json: Uint8Array): Uint8Array =>
  json.some(isLineEnd) ? json.map((byte) => (isLineEnd(byte) ? 0x20 : byte)) : json;

const isLineEnd = (byte: number): boolean => byte === 0x0a || byte === 0x0d;
