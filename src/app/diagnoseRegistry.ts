import { broken, doubtful, failed, fine } from "#app/finding.ts";
import type { Finding } from "#app/finding.ts";
import type { Knock, RegistryProbe } from "#app/registryProbe.ts";
import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";

/** Whether a registry answers, what opens it, and whether its clock is ours. */
export const diagnoseRegistry =
  (probe: Pick<RegistryProbe, "knock" | "findCredential">) =>
  async (ctx: Ctx, registry: string): Promise<readonly Finding[]> => {
    const knock = await probe.knock(ctx, registry);
    const credential = await findCredential(probe, ctx, registry, knock);
    return [reach(registry, knock), ...credential, ...clock(registry, knock)];
  };

// CONFIG_INVALID: a credential that is not usable; the registry was asked before it was wanted.
const isAboutAccess = ({ failure, url }: Knock): boolean =>
  url !== undefined && hasCode(failure, "AUTH_REQUIRED", "AUTH_DENIED", "AUTH_INSECURE", "CONFIG_INVALID");

const reach = (registry: string, knock: Knock): Finding => {
  const about = { check: "reach", subject: registry };
  if (knock.failure !== undefined && !isAboutAccess(knock)) return failed(about, knock.failure);
  const url = knock.url ?? registry;
  return url.startsWith("http:") && !LOOPBACK.test(url)
    ? doubtful(
        about,
        `answers at ${url}, without TLS`,
        "Nothing protects what travels there; give the registry a certificate.",
      )
    : fine(about, `answers at ${url}`);
};

// What stays on this machine needs no protection on its way.
const LOOPBACK = /^http:\/\/(?:localhost|127\.[0-9.]+|\[::1\])[:/]/;

const findCredential = async (
  probe: Pick<RegistryProbe, "findCredential">,
  ctx: Ctx,
  registry: string,
  knock: Knock,
): Promise<readonly Finding[]> => {
  const about = { check: "login", subject: registry };
  try {
    const from = await probe.findCredential(ctx, registry);
    const known = from === undefined ? "no credential is known" : `the credential is that of ${from}`;
    if (isAboutAccess(knock) && knock.failure !== undefined)
      return [broken(about, `${known}: ${knock.failure.message}`, knock.failure.hint)];
    // Of a registry that does not answer nobody knows what it asks for.
    if (knock.failure !== undefined) return from === undefined ? [] : [fine(about, known)];
    return [fine(about, `${known}; the registry ${knock.asks ? accepted(from) : "asks for none"}`)];
  } catch (error) {
    return [failed(about, error)];
  }
};

const accepted = (from: string | undefined): string => (from === undefined ? "lets strangers in" : "accepts it");

// A Date header has whole seconds, and the answer has travelled.
const CLOSE_MS = 30_000;
// AWS refuses what was signed more than five minutes away from its own time.
const FAR_MS = 300_000;

const clock = (registry: string, { times }: Knock): readonly Finding[] => {
  if (times === undefined) return [];
  const about = { check: "clock", subject: registry };
  const offset = times.ours - times.theirs;
  const seconds = Math.round(Math.abs(offset) / 1000);
  if (Math.abs(offset) <= CLOSE_MS) return [fine(about, `this clock and the registry's are ${seconds} s apart`)];
  const message = `this clock is ${seconds} s ${offset > 0 ? "ahead of" : "behind"} the registry's`;
  const hint =
    "Set this machine's clock (NTP); tokens, certificates and timestamps are judged by it. Or the registry's is wrong.";
  return [Math.abs(offset) <= FAR_MS ? doubtful(about, message, hint) : broken(about, message, hint)];
};
