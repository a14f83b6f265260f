/** A queue between something that happens and someone who waits for it; one waits at a time. */
export interface Mailbox<T> {
  readonly put: (message: T) => void;
  /** The next message; rejects for ever after `fail`, once the messages put before it are taken. */
  readonly take: () => Promise<T>;
  readonly fail: (error: unknown) => void;
}

export const createMailbox = <T>(): Mailbox<T> => {
  const messages: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;
  const put = (message: T): void => {
    messages.push(message);
    wake();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  const take = async (): Promise<T> => {
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) return message;
      if (failure !== undefined) throw failure.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { put, take, fail };
};
