import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";

/** The code of the WaybillError a promise rejects with, undefined when it resolves. Any other rejection fails the test. */
export const codeOfPromise = async (promise: Promise<unknown>): Promise<ErrorCode | undefined> => {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof WaybillError) return thrown.code;
    throw thrown;
  }
};
