import type { HeartbeatEvent } from 'nestjs-heartbeat';
import type { Observable } from 'rxjs';
import type { WebSocket } from 'ws';

type EventType = HeartbeatEvent['type'];
type EventOf<Type extends EventType> = HeartbeatEvent & { type: Type };

/** Everything that `events$` said, and a way to wait for what it has not said yet. */
export class EventLog {
  readonly all: HeartbeatEvent[] = [];
  isComplete = false;
  private readonly waiting = new Set<(event: HeartbeatEvent) => void>();

  constructor(events$: Observable<HeartbeatEvent>) {
    events$.subscribe({
      next: (event) => {
        this.all.push(event);
        for (const wait of this.waiting) wait(event);
      },
      complete: () => (this.isComplete = true),
    });
  }

  of<Type extends EventType>(type: Type): EventOf<Type>[] {
    return this.all.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The types of all events about one client, in their order. */
  about(client: WebSocket): EventType[] {
    return this.all
      .filter((event) => 'client' in event && event.client === client)
      .map(({ type }) => type);
  }

  /** The first event of a type that fits, whether it has come or will. */
  when<Type extends EventType>(
    type: Type,
    fits: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    const come = this.of(type).find(fits);
    return come ? Promise.resolve(come) : this.next(type, fits);
  }

  /** The next event of a type that fits. */
  next<Type extends EventType>(
    type: Type,
    fits: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    return new Promise((resolve) => {
      const wait = (event: HeartbeatEvent) => {
        if (event.type !== type || !fits(event as EventOf<Type>)) return;
        this.waiting.delete(wait);
        resolve(event as EventOf<Type>);
      };
      this.waiting.add(wait);
    });
  }
}
