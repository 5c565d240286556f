interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** An event that carries more than its type. */
export function eventOf(type: string, detail: object): Event {
  return Object.assign(new Event(type), detail);
}

/** A close event that did not come from the network. Node before 23 has no class for it. */
export function closeEvent(code: number, reason: string): Event {
  const closing = { code, reason, wasClean: false };
  const { CloseEvent } = globalThis as {
    CloseEvent?: new (type: string, closing: Closing) => Event;
  };
  return CloseEvent ? new CloseEvent('close', closing) : eventOf('close', closing);
}
