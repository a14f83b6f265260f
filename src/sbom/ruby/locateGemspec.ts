/** What a path means to RubyGems. */
export interface GemspecPlace {
  /** `installed` in a gem directory; `default` there too, and shipped with the interpreter; `git` checked out by Bundler. */
  readonly kind: "installed" | "default" | "git";
  /** The gem directory (`usr/local/bundle`), or Bundler's of a git checkout. */
  readonly home: string;
  /** Of the checkout: the start of its commit. */
  readonly revision?: string;
}

const INSTALLED = /^(?:(.*)\/)?specifications\/(default\/)?[^/]+$/;
// Bundler takes gemspecs of a checkout's root and of the directories in it (`gems/rails-0123456789ab/activerecord/x.gemspec`).
const GIT = /^(?:(.*)\/)?bundler\/gems\/[^/]+-([0-9a-f]{7,40})\/(?:[^/]+\/)?[^/]+$/;

/** Tells what a path is by its name alone; undefined for what is of no interest. Called for every entry of an image. */
export const locateGemspec = (path: string): GemspecPlace | undefined => {
  if (!path.endsWith(".gemspec")) return undefined;
  const [installed, home = "", isDefault] = INSTALLED.exec(path) ?? [];
  if (installed !== undefined) return { kind: isDefault === undefined ? "installed" : "default", home };
  const [checkout, gitHome = "", revision] = GIT.exec(path) ?? [];
  return checkout === undefined || revision === undefined ? undefined : { kind: "git", home: gitHome, revision };
};
