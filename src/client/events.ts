interface CloseEventDetail {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** Creates an event and assigns the properties of `detail` to it. */
export function createEvent(type: string, detail: object): Event {
  return Object.assign(new Event(type), detail);
}

/** Creates a close event for a connection that the client ended. Node has no `CloseEvent` class before version 23. */
export function createCloseEvent(code: number, reason: string): Event {
  const detail = { code, reason, wasClean: false };
  const { CloseEvent } = globalThis as {
    CloseEvent?: new (type: string, detail: CloseEventDetail) => Event;
  };
  return CloseEvent ? new CloseEvent('close', detail) : createEvent('close', detail);
}
