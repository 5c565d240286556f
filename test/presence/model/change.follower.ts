import type { Subscription } from 'rxjs';
import type { PresenceChange, PresenceService } from 'nestjs-heartbeat/presence';

/** Reports what violates the contract. */
export type Complain = (fault: string) => void;

/** Follows a topic on one node, as an application does: it subscribes, lists, and applies the changes. */
export class ChangeFollower {
  private listed: ReadonlySet<string> | undefined;
  private subscription: Subscription | undefined;
  /** Whether each reported key joined or left last. */
  private readonly last = new Map<string, 'joined' | 'left'>();

  /** @param onLeft is called for each key that is reported as left */
  constructor(
    private readonly presence: PresenceService,
    private readonly topic: string,
    private readonly complain: Complain,
    private readonly onLeft: (key: string) => void,
  ) {
    this.subscribe();
  }

  /**
   * Subscribes anew and lists the topic, if that has not succeeded yet. Call it once all works: a key that the
   * store loses, or hides with its node, between the two is not reported when it comes back.
   */
  async list(): Promise<void> {
    if (this.listed !== undefined) return;
    this.subscribe();
    this.listed = await allKeys(this.presence, this.topic);
  }

  /** The keys that are present, by the list and the changes since. */
  get members(): Set<string> {
    const members = new Set(this.listed);
    for (const [key, what] of this.last) {
      if (what === 'joined') members.add(key);
      else members.delete(key);
    }
    return members;
  }

  private subscribe(): void {
    this.subscription?.unsubscribe();
    this.last.clear();
    this.subscription = this.presence.changes(this.topic).subscribe((change) => this.apply(change));
  }

  private apply({ joined, left }: PresenceChange): void {
    for (const key of joined) this.note(key, 'joined');
    for (const key of left) {
      this.note(key, 'left');
      this.onLeft(key);
    }
  }

  private note(key: string, what: 'joined' | 'left'): void {
    if (this.last.get(key) === what) this.complain(`${this.topic} ${key} ${what} twice in a row`);
    this.last.set(key, what);
  }
}

/** The keys of a topic, from all pages. */
async function allKeys(presence: PresenceService, topic: string): Promise<Set<string>> {
  const keys = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await presence.list(topic, { limit: 1_000, ...(cursor && { cursor }) });
    for (const { key } of page.entries) keys.add(key);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}
