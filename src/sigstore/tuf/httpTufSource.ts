import { WaybillError } from "#core/errors.ts";
import { describeUrl } from "#net/describeUrl.ts";
import type { Send } from "#net/send.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

/**
 * A mirror that is reached by HTTP. Plain http is as good as https here: whoever changes bytes on their way is found out by
 * signatures, and whoever holds them back by expiry.
 */
export const httpTufSource = (send: Send, mirror: URL): TufSource => {
  const base = new URL(mirror.pathname.endsWith("/") ? mirror.href : `${mirror.href}/`);
  return {
    name: describeUrl(base),
    get: async (ctx, path, cap) => {
      const url = new URL(path, base);
      const answer = await send(ctx, { method: "GET", url, headers: { accept: "*/*" }, maxBytes: cap });
      if (answer.status === 200) return answer.bytes;
      if (answer.status === 404 || (answer.status === 403 && NEXT_ROOT.test(path))) return undefined;
      const code = answer.status >= 500 ? "REGISTRY_UNAVAILABLE" : "REGISTRY_REFUSED";
      throw new WaybillError(code, `${describeUrl(url)} answered ${answer.status}`, {
        hint: "The TUF mirror does not give it out; check the address, or use a file instead: --trusted-root FILE.",
      });
    },
  };
};

// Object stores whose contents nobody may list say 403 of what is not there, and every update ends at a root that is not there
// yet. python-tuf and tuf-js take it so, too. Whoever may answer 403 might as well answer 404.
const NEXT_ROOT = /^\d+\.root\.json$/;
