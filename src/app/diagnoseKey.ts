import { doubtful, failed, fine } from "#app/finding.ts";
import type { Finding } from "#app/finding.ts";
import type { Ctx } from "#core/ctx.ts";

/** What is known of a key without using it. */
export type InspectedKey =
  | { readonly kind: "public"; readonly algorithm: string; readonly fingerprint: string }
  | { readonly kind: "private"; readonly algorithm: string; readonly fingerprint: string; readonly password: string }
  /** Nothing gives its password: it would be asked for. */
  | { readonly kind: "locked" };

export interface KeyProbe {
  /** Never asks for anything; throws what opening the key throws. */
  readonly inspect: (ctx: Ctx, key: string) => Promise<InspectedKey>;
}

/** Whether a key can be read, and opened where it is a private one. */
export const diagnoseKey =
  (probe: KeyProbe) =>
  async (ctx: Ctx, key: string): Promise<readonly Finding[]> => {
    const about = { check: "key", subject: key };
    const password = { check: "password", subject: key };
    try {
      const found = await probe.inspect(ctx, key);
      if (found.kind === "locked") {
        const hint = "Set COSIGN_PASSWORD or give --password-file where nobody can type it.";
        return [
          fine(about, "an encrypted private key"),
          doubtful(password, "nothing gives it: it will be asked for", hint),
        ];
      }
      const what = `a ${found.kind} key, ${found.algorithm}, sha256:${found.fingerprint}`;
      if (found.kind === "public") return [fine(about, what)];
      return [fine(about, what), fine(password, `that of ${found.password} opens the key`)];
    } catch (error) {
      return [failed(about, error)];
    }
  };
