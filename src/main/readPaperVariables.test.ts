import { describe, expect, it } from "vitest";
import { formatReference } from "#core/reference.ts";
import { readPaperVariables } from "#main/readPaperVariables.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const repositoryOf = (text: string): string | undefined => {
  const { repository } = readPaperVariables({ COSIGN_REPOSITORY: text });
  return repository && formatReference(repository);
};

describe("readPaperVariables", () => {
  it("takes a repository as it is, with docker's short names", () => {
    expect(repositoryOf("registry.example:5000/team/papers")).toBe("registry.example:5000/team/papers");
    expect(repositoryOf("ann/papers")).toBe("docker.io/ann/papers");
    expect(repositoryOf("[::1]:5000/papers")).toBe("[::1]:5000/papers");
    expect(repositoryOf("")).toBe(undefined);
    expect(readPaperVariables({})).toEqual({ repository: undefined, types: {} });
  });

  it.each([
    "registry.example/papers:1.0",
    `registry.example/papers@sha256:${"0".repeat(64)}`,
    "oci:papers",
    "No Name",
    "https://registry.example/papers",
  ])("refuses %s", (text) => {
    expect(codeOf(() => repositoryOf(text))).toBe("CONFIG_INVALID");
  });

  it("reads docker's media types as Go reads a truth, and guesses nothing", () => {
    const typesOf = (text: string) => readPaperVariables({ COSIGN_DOCKER_MEDIA_TYPES: text }).types.legacyTypes;
    for (const yes of ["1", "t", "True"]) expect(typesOf(yes)).toBe("docker");
    for (const no of ["", "0", "F", "false"]) expect(typesOf(no)).toBe(undefined);
    for (const other of ["yes", "tRUE", " 1"]) expect(codeOf(() => typesOf(other))).toBe("CONFIG_INVALID");
  });
});
