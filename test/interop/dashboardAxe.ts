import axe from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

// The success criteria of WCAG 2.2 A and AA that a machine can judge, and what axe-core calls best practices.
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * What axe-core holds against the page as it is shown now, a line for each element; empty where there is nothing. It comes
 * in by the debugger's protocol, which the page's policy does not bind.
 */
export const findBarriers = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const { violations, passes } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} })`,
  )) as AxeResults;
  // A run that judged nothing has found nothing.
  if (passes.length < 10) return [`only ${passes.length} rules of axe-core could be asked`];
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
};
