import type { Keys } from "./apiTypes.ts";
import { useApi } from "./useAnswer.ts";

type KeyState = Keys["items"][number]["state"];

/** What the service says of a key by its id; undefined: it is none of its own, or not known yet. */
export type KeyStateOf = (id: string) => KeyState | undefined;

/** Which of the service's keys is in use and which are retired. */
export const useKeyStates = (): KeyStateOf => {
  const { value } = useApi<Keys>("/v1/keys", ({ kind }) => kind === "key");
  return (id) => value?.items.find((key) => key.id === id)?.state;
};
