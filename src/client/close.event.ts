interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** A close event that did not come from the network. Node before 23 has no class for it. */
export function closeEvent(code: number, reason: string): Event {
  const closing = { code, reason, wasClean: false };
  const { CloseEvent } = globalThis as {
    CloseEvent?: new (type: string, closing: Closing) => Event;
  };
  return CloseEvent ? new CloseEvent('close', closing) : Object.assign(new Event('close'), closing);
}
