import { describe, expect, it } from "vitest";
import { shareNext } from "#registry/layout/shareNext.ts";

/** A task whose runs end when they are told to. */
const bench = () => {
  const begun: { readonly name: string; readonly end: (error?: Error) => void }[] = [];
  const share = shareNext(
    (name) =>
      new Promise((resolve, reject) => {
        begun.push({ name, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  );
  const over: string[] = [];
  const ask = (who: string, name = "a"): void =>
    void share(name).then(
      () => over.push(who),
      (error: Error) => over.push(`${who}: ${error.message}`),
    );
  const settle = async (at: number, error?: Error): Promise<void> => {
    begun[at]?.end(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, over, ask, settle };
};

describe("shareNext", () => {
  it("gives those who ask during a run the next one, together, and never the one under way", async () => {
    const { begun, over, ask, settle } = bench();
    ask("first");
    ask("second");
    ask("third");
    expect(begun).toHaveLength(1);
    await settle(0);
    expect(over).toEqual(["first"]);
    expect(begun).toHaveLength(2);
    ask("fourth");
    await settle(1);
    expect(over).toEqual(["first", "second", "third"]);
    await settle(2);
    expect(over).toEqual(["first", "second", "third", "fourth"]);
    ask("fifth");
    await settle(3);
    expect([begun.length, over.at(-1)]).toEqual([4, "fifth"]);
  });

  it("tells a failure to those whose run it was, and runs again for the others", async () => {
    const { over, ask, settle } = bench();
    ask("first");
    ask("second");
    await settle(0, new Error("disk"));
    await settle(1);
    expect(over).toEqual(["first: disk", "second"]);
  });

  it("keeps names apart", async () => {
    const { begun, over, ask, settle } = bench();
    ask("first", "a");
    ask("second", "b");
    expect(begun.map(({ name }) => name)).toEqual(["a", "b"]);
    await settle(1);
    expect(over).toEqual(["second"]);
  });
});
