declare module "spdx-expression-parse" {
  /** Throws an Error for what is no SPDX licence expression. */
  const parse: (source: string) => unknown;
  // oxlint-disable-next-line import/no-default-export -- the package is CommonJS: `module.exports` is its default
  export default parse;
}
