import type { PresenceChange } from 'nestjs-heartbeat/presence';
import type { Observable } from 'rxjs';

/** Records what `changes()` reports: `+key` and `-key`, with the time of each. */
export class ChangeRecord {
  readonly emissions: PresenceChange[] = [];
  readonly events: string[] = [];
  private readonly times = new Map<string, number>();
  isCompleted = false;

  constructor(changes: Observable<PresenceChange>) {
    changes.subscribe({
      next: (change) => this.add(change),
      complete: () => (this.isCompleted = true),
    });
  }

  /** When an event was reported, `performance.now()`. NaN if it was not. */
  timeOf(event: string): number {
    return this.times.get(event) ?? Number.NaN;
  }

  private add(change: PresenceChange): void {
    this.emissions.push(change);
    const events = [
      ...change.joined.map((key) => `+${key}`),
      ...change.left.map((key) => `-${key}`),
    ];
    for (const event of events) this.times.set(event, performance.now());
    this.events.push(...events);
  }
}
