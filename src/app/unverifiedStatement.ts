import type { DsseClaim } from "#claims/claim.ts";
import { readStatement } from "#claims/statement.ts";
import type { Statement } from "#claims/statement.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

/**
 * What an envelope says before anybody has checked who said it: only for commands that hand papers on as they are and say
 * so, never for a decision. Undefined where it holds no in-toto statement that can be read.
 */
export const unverifiedStatement = ({ envelope }: Pick<DsseClaim, "envelope">): Statement | undefined => {
  if (envelope.payloadType !== MEDIA_TYPE.inToto) return undefined;
  try {
    return readStatement(envelope.payload);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return undefined;
  }
};
