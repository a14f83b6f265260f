import type { Signer } from "#core/signer.ts";
import type { Meter } from "#main/serviceMeter.ts";

/** A signer whose signatures are counted and timed. Papers of images are all that the service signs. */
export const meteredSigner = (signer: Signer, meter: Meter): Signer => ({
  ...signer,
  sign: async (ctx, bytes) => {
    const started = performance.now();
    let result = "failed";
    try {
      const signature = await signer.sign(ctx, bytes);
      result = "ok";
      return signature;
    } finally {
      meter.count("attest_sign_requests_total", { purpose: "issue", result });
      meter.observe("attest_sign_duration_seconds", (performance.now() - started) / 1000);
    }
  },
});
