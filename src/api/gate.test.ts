import { describe, expect, it } from "vitest";
import { openApiBench } from "../../test/fakes/apiBench.ts";

const WAIT = { Prefer: "wait=60" };
const SIGNED = "/v1/apps/my-app/builds/build-1";
const PLAIN = "/v1/apps/my-app/builds/build-2";

describe("the gate", () => {
  it("is open for a signed image, and says which", async () => {
    const { call, tokens, image } = await openApiBench();
    const answer = await call(`${SIGNED}/gate`, { token: tokens.reader, headers: WAIT });
    expect(answer.json()).toMatchObject({ open: true, state: "pending", reason: null, image: { reference: image } });
    expect(answer.headers.get("Preference-Applied")).toBe("wait=60");
    expect(answer.headers.get("Vary")).toBe("Prefer, Authorization");
  });

  it("is a problem while it is closed, with the state and why", async () => {
    const { call, tokens } = await openApiBench();
    const answer = await call(`${PLAIN}/gate`, { token: tokens.reader });
    expect(answer.status).toBe(409);
    expect(answer.problem()).toMatchObject({ code: "gate-closed", state: "pending" });
    expect(answer.problem().detail).toContain("nobody asked for its papers");
    expect(answer.headers.get("Retry-After")).toBe("5");
  });

  it("is closed for good without Retry-After", async () => {
    const { call, tokens, image } = await openApiBench();
    const { token } = { token: tokens.builder };
    const issued = await call(`${PLAIN}/issue`, { method: "POST", token, body: { image, mode: "gate" } });
    expect(issued.json()["mode"]).toBe("gate");
    await call(`/v1/operations/${String(issued.json()["id"])}/cancel`, { method: "POST", token });
    // One digest, but the signature that is there names another build.
    const answer = await call(`${PLAIN}/gate`, { token, headers: WAIT });
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([409, null]);
  });

  it("lets best effort pass and tells why", async () => {
    const { call, tokens, image } = await openApiBench();
    const body = { image, mode: "best-effort" };
    await call(`${PLAIN}/issue`, { method: "POST", token: tokens.builder, body });
    const answer = await call(`${PLAIN}/gate`, { token: tokens.builder });
    expect(answer.json()).toMatchObject({
      open: true,
      mode: "best-effort",
      reason: { code: "SIGNATURE_NOT_PRODUCED" },
    });
    const audit = await call("/v1/audit?limit=200", { token: tokens.auditor });
    expect(audit.text).toContain("gate.pass-unsigned");
  });

  it("does not judge when the service stops, where an operation is told as it is", async () => {
    const { call, tokens, image } = await openApiBench({ draining: AbortSignal.abort() });
    const { token } = { token: tokens.builder };
    const gate = await call(`${PLAIN}/gate`, { token, headers: WAIT });
    expect([gate.status, gate.problem().code, gate.headers.get("Retry-After")]).toEqual([503, "service-stopping", "5"]);
    const { id } = (await call(`${PLAIN}/issue`, { method: "POST", token, body: { image } })).json();
    const operation = await call(`/v1/operations/${String(id)}`, { token, headers: WAIT });
    expect(operation.json()["state"]).toBe("pending");
  });

  it("refuses more waiting requests than it can bear, and counts them", async () => {
    const counts: number[] = [];
    const { call, tokens } = await openApiBench({
      watch: (what, count) => void counts.push(what === "waiting requests" ? count : -1),
      // Nobody is ever done looking.
      askGate: () => new Promise<never>(() => undefined),
    });
    const waiting = Array.from({ length: 50 }, () => call(`${PLAIN}/gate`, { token: tokens.reader, headers: WAIT }));
    await expect.poll(() => counts.at(-1)).toBe(50);
    const refused = await call(`${PLAIN}/gate`, { token: tokens.reader, headers: WAIT });
    expect([refused.status, refused.problem().code]).toEqual([429, "rate-exceeded"]);
    void call(`${PLAIN}/gate`, { token: tokens.builder, headers: WAIT });
    await expect.poll(() => counts.at(-1)).toBe(51);
    expect(waiting).toHaveLength(50);
  });
});
