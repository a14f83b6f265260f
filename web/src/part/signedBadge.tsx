import type { JSX } from "preact";
import type { Badge, Build } from "../apiTypes.ts";
import { askApi } from "../askApi.ts";
import type { Answer } from "../askApi.ts";
import { createTurns } from "../turns.ts";
import { useAnswer } from "../useAnswer.ts";
import { badgeWords, waitingWords } from "../stateWords.ts";
import { StateBadge } from "./stateBadge.tsx";

type BadgeKey = Pick<Build, "app" | "build_id" | "state" | "updated_at">;

// Lists show many badges: they are asked for a few at a time, and once for each state of a build.
const turns = createTurns(4);
const MAX_KNOWN = 2000;
const known = new Map<string, Badge>();

/** Whether a build's image carries a signature under a key of the service: what the service found, not what was planned. */
export const SignedBadge = ({ build }: { readonly build: BadgeKey }): JSX.Element => {
  const key = `${build.app}/${build.build_id} ${build.state} ${build.updated_at}`;
  const answer = useAnswer(
    key,
    (signal) => turns(() => askBadge(build, key, signal)),
    () => false,
  );
  return <StateBadge words={answer.value === undefined ? waitingWords(build.state) : badgeWords(answer.value.state)} />;
};

const askBadge = async (build: BadgeKey, key: string, signal: AbortSignal): Promise<Answer<Badge>> => {
  const before = known.get(key);
  if (before !== undefined) return { ok: true, value: before };
  signal.throwIfAborted();
  const answer = await askApi<Badge>(`/v1/apps/${build.app}/builds/${build.build_id}/badge.json`, signal);
  if (!answer.ok) return answer;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, answer.value);
  return answer;
};
