import { WaybillError } from "#core/errors.ts";
import { describeUrl } from "#net/describeUrl.ts";
import type { HttpAnswer } from "#net/send.ts";
import { mediaTypeOf } from "#registry/client/mediaTypeOf.ts";

/**
 * Refuses a page for people in place of a registry's yes: a proxy that wants a login answers 200 to everything, and nothing
 * was stored. Without a body the type says nothing: storage services give that one to empty answers. REGISTRY_PROTOCOL.
 */
export const refusePage = (answer: HttpAnswer, hasBody = answer.bytes.byteLength > 0): void => {
  if (!hasBody || mediaTypeOf(answer) !== "text/html") return;
  throw new WaybillError(
    "REGISTRY_PROTOCOL",
    `${describeUrl(answer.url)} answers ${answer.status} with a page for people`,
  );
};
