import type { HeartbeatEvent } from 'nestjs-heartbeat';
import type { Observable } from 'rxjs';
import type { WebSocket } from 'ws';

type EventType = HeartbeatEvent['type'];
type EventOf<Type extends EventType> = HeartbeatEvent & { type: Type };

/** Records all events of `events$`, and waits for later ones. */
export class EventLog {
  readonly all: HeartbeatEvent[] = [];
  isComplete = false;
  private readonly listeners = new Set<(event: HeartbeatEvent) => void>();

  constructor(events$: Observable<HeartbeatEvent>) {
    events$.subscribe({
      next: (event) => {
        this.all.push(event);
        for (const listener of this.listeners) listener(event);
      },
      complete: () => (this.isComplete = true),
    });
  }

  of<Type extends EventType>(type: Type): EventOf<Type>[] {
    return this.all.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The types of all events of one client, in order. */
  about(client: WebSocket): EventType[] {
    return this.all
      .filter((event) => 'client' in event && event.client === client)
      .map(({ type }) => type);
  }

  /** The first event of a type that matches, recorded or future. */
  when<Type extends EventType>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    const recorded = this.of(type).find(matches);
    return recorded ? Promise.resolve(recorded) : this.next(type, matches);
  }

  /** The next future event of a type that matches. */
  next<Type extends EventType>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    return new Promise((resolve) => {
      const listener = (event: HeartbeatEvent) => {
        if (event.type !== type || !matches(event as EventOf<Type>)) return;
        this.listeners.delete(listener);
        resolve(event as EventOf<Type>);
      };
      this.listeners.add(listener);
    });
  }
}
