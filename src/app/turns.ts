/** Runs tasks of one name after another, and tasks of different names as they come. */
export type InTurn = <T>(name: string, task: () => Promise<T>) => Promise<T>;

/** Two references may lead to one digest: what the first has written, the second must find. */
export const createTurns = (): InTurn => {
  const last = new Map<string, Promise<unknown>>();
  return (name, task) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(task, task);
    last.set(name, turn);
    return turn;
  };
};
