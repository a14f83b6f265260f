import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { describeUrl } from "#net/describeUrl.ts";
import type { Send } from "#net/send.ts";

/**
 * The body of a GET as text, up to `cap` bytes. NOT_FOUND for 404, else REGISTRY_REFUSED or REGISTRY_UNAVAILABLE for any other
 * status but 200, INPUT_INVALID for bytes that are no UTF-8; what the transport throws passes through.
 */
export const fetchText =
  (send: Send) =>
  async (ctx: Ctx, url: URL, cap: number): Promise<string> => {
    const answer = await send(ctx, { method: "GET", url, headers: { accept: "*/*" }, maxBytes: cap });
    const where = describeUrl(url);
    if (answer.status === 404) throw new WaybillError("NOT_FOUND", `${where} does not exist`);
    if (answer.status !== 200) {
      const code = answer.status >= 500 ? "REGISTRY_UNAVAILABLE" : "REGISTRY_REFUSED";
      throw new WaybillError(code, `${where} answered ${answer.status}`, {
        hint: "Check the address; a browser may show more.",
      });
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(answer.bytes);
    } catch (cause) {
      throw new WaybillError("INPUT_INVALID", `${where} is not text`, { cause });
    }
  };
