import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";

/** Runs `action`: the code of the WaybillError it throws, undefined when it returns. Anything else thrown goes on: it fails the test. */
export const codeOf = (action: () => unknown): ErrorCode | undefined => {
  try {
    action();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof WaybillError) return thrown.code;
    throw thrown;
  }
};
