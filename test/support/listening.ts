import type { LiveConnection, LiveConnectionEvents } from 'nestjs-heartbeat/client/reconnect';

export interface EventSource {
  addEventListener(type: string, listener: (event: object) => void, options?: object): void;
}

/** Resolves with the next event of a type that a socket dispatches. */
export function nextEvent<Event = object>(socket: EventSource, type: string): Promise<Event> {
  return new Promise((resolve) => {
    socket.addEventListener(type, (event) => resolve(event as Event), { once: true });
  });
}

/** Resolves with the next event of a live connection. */
export function nextOf<Name extends keyof LiveConnectionEvents>(
  connection: LiveConnection,
  name: Name,
): Promise<LiveConnectionEvents[Name]> {
  return new Promise((resolve) => {
    const stop = connection.on(name, (event) => {
      stop();
      resolve(event);
    });
  });
}
