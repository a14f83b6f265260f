import { describe, expect, it } from "vitest";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { fetchText } from "#net/fetchText.ts";
import type { HttpRequest, Send } from "#net/send.ts";

const URL_WITH_SECRET = new URL("https://keys.example/cosign.pub?token=secret");

const answering = (status: number, bytes: Uint8Array): { readonly send: Send; readonly asked: HttpRequest[] } => {
  const asked: HttpRequest[] = [];
  return {
    asked,
    send: async (_, request) => {
      asked.push(request);
      return { status, headers: {}, url: request.url, bytes };
    },
  };
};

describe("fetchText", () => {
  it("gives the body of a 200, capped by whom it asks", async () => {
    const { send, asked } = answering(200, Buffer.from("-----BEGIN PUBLIC KEY-----\n"));
    expect(await fetchText(send)(testCtx(), URL_WITH_SECRET, 1000)).toBe("-----BEGIN PUBLIC KEY-----\n");
    expect(asked.map(({ method, maxBytes }) => [method, maxBytes])).toEqual([["GET", 1000]]);
  });

  it.each([
    [404, "NOT_FOUND"],
    [403, "REGISTRY_REFUSED"],
    [204, "REGISTRY_REFUSED"],
    [503, "REGISTRY_UNAVAILABLE"],
  ])("answers %i with %s, without the query of the address", async (status, code) => {
    const error: unknown = await fetchText(answering(status, Buffer.alloc(0)).send)(
      testCtx(),
      URL_WITH_SECRET,
      1000,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain("secret");
  });

  it("refuses bytes that are no text", async () => {
    const { send } = answering(200, Uint8Array.of(0xff, 0xfe));
    await expect(fetchText(send)(testCtx(), URL_WITH_SECRET, 1000)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});
