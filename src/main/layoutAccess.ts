import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Access, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { LayoutReference } from "#core/reference.ts";
import type { OpenArchive } from "#registry/archive/openArchive.ts";
import { startDigest } from "#main/startDigest.ts";

/** Layouts and archives of one command, each opened once. */
export interface LayoutAccess {
  readonly open: (ctx: Ctx, reference: LayoutReference, access: Access) => Promise<Repository>;
  /** Saves the archives that were written to, or leaves them as they were. Every one is tried; the first failure is thrown. */
  readonly finish: (ctx: Ctx, outcome: "save" | "discard") => Promise<void>;
}

const ARCHIVE_NAME = /\.(?:tar|tar\.gz|tgz|tar\.zst)$/i;

export const openLayoutAccess = (): LayoutAccess => {
  const opened = new Map<string, Promise<Repository>>();
  const archives: OpenArchive[] = [];

  const openPath = async (ctx: Ctx, path: string, create: boolean): Promise<Repository> => {
    if (!(await isArchive(path))) {
      const { openLayout } = await import("#registry/layout/openLayout.ts");
      return openLayout(ctx, { path, create, startDigest });
    }
    const { openArchive } = await import("#registry/archive/openArchive.ts");
    const archive = await openArchive(ctx, { path, create, startDigest });
    archives.push(archive);
    return archive.repository;
  };

  return {
    open: (ctx, { path }, access) => {
      const name = resolve(path);
      const known = opened.get(name);
      if (known !== undefined) return known;
      const opening = openPath(ctx, path, access === "create");
      opened.set(name, opening);
      opening.catch(() => opened.delete(name));
      return opening;
    },
    finish: async (ctx, outcome) => {
      const ended = await Promise.allSettled(archives.splice(0).map((archive) => archive.finish(ctx, outcome)));
      opened.clear();
      for (const one of ended) if (one.status === "rejected") throw one.reason;
    },
  };
};

/** What is there decides; of what is not there yet the name. */
const isArchive = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? ARCHIVE_NAME.test(path) : found.isFile();
};
