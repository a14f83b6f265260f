import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";
import { openServiceBench, workOnJob } from "../../test/fakes/serviceBench.ts";

const SECRET = "/srv/waybill/keys/cosign.key";

const reasonAfter = async (error: Error) => {
  const bench = await openServiceBench();
  const { id } = await bench.ask();
  const logged: string[] = [];
  const ctx = { ...bench.ctx, log: (_: string, __: string, fields = {}) => void logged.push(JSON.stringify(fields)) };
  await workOnJob({ ...bench.deps, makeSbom: () => Promise.reject(error) })(ctx);
  const operation = await bench.read((records) => records.operations.find("default", id));
  const build = await bench.read((records) => records.builds.find("default", "my-app", "build-1"));
  expect(build?.reason).toEqual(operation?.reason);
  return { reason: operation?.reason, state: operation?.state, logged: logged.join(" ") };
};

it.each([
  "USAGE_INVALID",
  "CONFIG_INVALID",
  "KEY_UNREADABLE",
  "PASSWORD_WRONG",
  "KEY_WEAK",
  "TRUST_INVALID",
  "STORE_FAILED",
  "INTERNAL",
] as const)("what %s says of the service's machine is for its log, not for tenants", async (code) => {
  const { reason, logged } = await reasonAfter(new WaybillError(code, `${SECRET} is not well`));
  expect(reason?.code).toBe(code);
  expect(reason?.message).toMatch(/log/);
  expect(reason?.message).not.toContain("/");
  expect(logged).toContain(SECRET);
});

it("neither is what a message quotes of its cause", async () => {
  const cause = new WaybillError("CONFIG_INVALID", `${SECRET} is not well`);
  const partial = new WaybillError("WRITE_PARTIAL", `the legacy form could not be written: ${cause.message}`, {
    cause,
  });
  const { reason } = await reasonAfter(partial);
  expect(reason?.code).toBe("WRITE_PARTIAL");
  expect(reason?.message).not.toContain("/");
});

it.each([
  ["AUTH_REQUIRED", "pending"],
  ["CONFIG_INVALID", "pending"],
  ["AUTH_DENIED", "failed"],
  ["IMAGE_REFUSED", "failed"],
] as const)("after %s an operation is %s, since credentials change on their way", async (code: ErrorCode, state) => {
  expect((await reasonAfter(new WaybillError(code, "registry.example/app says no"))).state).toBe(state);
});

it("tenants read what a registry says of their image", async () => {
  const { reason } = await reasonAfter(new WaybillError("IMAGE_REFUSED", "registry.example/app has 1001 layers"));
  expect(reason?.message).toBe("registry.example/app has 1001 layers");
});
