import { describe, expect, it } from "vitest";
import { createSignIn } from "#registry/server/signIn.ts";

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Hashes are the passwords themselves here; each comparison is counted, and waits where it is told to. */
const bench = (users: Record<string, string>, wait: Promise<void> = Promise.resolve()) => {
  const compared: string[] = [];
  let current = new Map(Object.entries(users));
  const signIn = createSignIn(
    () => current,
    async (password, hash) => {
      compared.push(password);
      await wait;
      return password === hash;
    },
  );
  return { signIn, compared, replace: (next: Record<string, string>) => (current = new Map(Object.entries(next))) };
};

describe("signing in", () => {
  it("compares a right password once, a wrong one each time", async () => {
    const { signIn, compared } = bench({ anna: "right:one" });
    for (const _ of [1, 2, 3]) expect(await signIn(basic("anna", "right:one"))).toEqual({ user: "anna" });
    expect(compared).toEqual(["right:one"]);
    for (const _ of [1, 2]) expect(await signIn(basic("anna", "wrong"))).toBe("unknown");
    expect(compared).toHaveLength(3);
  });

  it("compares for a user that is not there as well", async () => {
    const { signIn, compared } = bench({ anna: "secret" });
    expect(await signIn(basic("mallory", "secret"))).toBe("unknown");
    expect(await signIn(basic("mallory", "secret"))).toBe("unknown");
    expect(compared).toHaveLength(2);
  });

  it("forgets a password with its hash", async () => {
    const { signIn, replace } = bench({ anna: "old" });
    expect(await signIn(basic("anna", "old"))).toEqual({ user: "anna" });
    replace({ anna: "new" });
    expect(await signIn(basic("anna", "old"))).toBe("unknown");
    replace({});
    expect(await signIn(basic("anna", "new"))).toBe("unknown");
  });

  it("lets only a few guesses wait, and whoever is known pass them", async () => {
    let release = (): void => undefined;
    const wait = new Promise<void>((resolve) => (release = resolve));
    const { signIn, compared } = bench({ anna: "right" }, wait);
    const first = signIn(basic("anna", "right"));
    const again = signIn(basic("anna", "right"));
    const guesses = Array.from({ length: 100 }, (_, index) => signIn(basic("anna", `guess ${index}`)));
    release();
    expect(await Promise.all([first, again])).toEqual([{ user: "anna" }, { user: "anna" }]);
    const answers = await Promise.all(guesses);
    expect(new Set(answers)).toEqual(new Set(["unknown", "busy"]));
    expect(compared.length).toBeLessThan(50);
    expect(await signIn(basic("anna", "right"))).toEqual({ user: "anna" });
  });

  it.each([
    undefined,
    "",
    "Bearer x",
    "Basic",
    "Basic !!!",
    basic("", "x"),
    `Basic ${Buffer.from("anna").toString("base64")}`,
  ])("takes %j for nobody's, without comparing", async (header) => {
    const { signIn, compared } = bench({ anna: "x" });
    expect(await signIn(header)).toBe("unknown");
    expect(compared).toEqual([]);
  });
});
