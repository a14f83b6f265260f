/**
 * The step of an image's history (OCI image config) that made each of its layers. Steps without a layer are left out; a history
 * that does not fit the layers then says nothing about any of them.
 */
export const fitHistory = <T extends { readonly emptyLayer: boolean }>(
  history: readonly T[],
  layers: number,
): readonly (T | undefined)[] => {
  const steps = history.filter((step) => !step.emptyLayer);
  return steps.length === layers ? steps : Array.from({ length: layers }, () => undefined);
};
