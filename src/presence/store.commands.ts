import { Inject, Injectable } from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { show } from '../heartbeat.text.js';
import { PresenceClock } from './presence.clock.js';
import { PresenceUnavailableError } from './presence.errors.js';
import { PRESENCE_OPTIONS, type ResolvedPresenceOptions } from './presence.options.js';
import type { PresenceMessage, PresenceSession } from './presence.store.js';

/** How many commands may be unanswered. A driver queues what it cannot send, and a deadline does not empty its queue. */
const MOST_UNANSWERED = 1_000;
/** How many of them are for renewals and writes alone, so that queries cannot keep a lease from being renewed. */
const RESERVED = 10;

/** A call of the session. */
export type StoreCall<Result> = (session: PresenceSession) => Promise<Result>;

/** Sends commands to the store, each with a deadline, and with a limit on those that are unanswered. */
@Injectable()
export class StoreCommands {
  private session: PresenceSession | undefined;
  private unanswered = 0;

  constructor(
    @Inject(PRESENCE_OPTIONS) private readonly options: ResolvedPresenceOptions,
    private readonly start: StartContext,
    private readonly clock: PresenceClock,
  ) {}

  open(receive: (message: PresenceMessage) => void): void {
    const { store, id } = this.options;
    this.session = this.start.run(() => store.open(id, receive));
  }

  /** Ends the session: its data, then every further command rejects. */
  async close(): Promise<void> {
    const closing = this.run((session) => session.close(), { isOwn: true });
    this.session = undefined;
    await closing;
  }

  /**
   * Sends a command.
   *
   * @param within how long to wait for the answer, in ms. Default: the option `deadline`
   * @param isOwn whether it keeps this node's lease or data
   * @throws PresenceUnavailableError (rejects) without an answer in time, and for an error of the store
   */
  async run<Result>(
    call: StoreCall<Result>,
    { within = this.options.deadline, isOwn = false }: { within?: number; isOwn?: boolean } = {},
  ): Promise<Result> {
    const { session } = this;
    if (session === undefined) {
      throw new PresenceUnavailableError(
        'Presence is not available before start and after shutdown.',
      );
    }
    if (this.unanswered >= MOST_UNANSWERED - (isOwn ? 0 : RESERVED)) {
      throw new PresenceUnavailableError(
        `The presence store has not answered ${this.unanswered} commands, so no further one is sent.`,
      );
    }
    return this.start.run(() => this.limit(this.send(call, session), within));
  }

  /**
   * Waits for a promise of the store, for at most `within` ms.
   *
   * @throws PresenceUnavailableError (rejects) after that
   */
  limit<Result>(promise: Promise<Result>, within: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      const expire = () =>
        reject(new PresenceUnavailableError('The presence store did not answer by the deadline.'));
      const timer = this.clock.setTimeout(expire, within);
      promise.then(resolve, reject).finally(() => this.clock.clear(timer));
    });
  }

  private async send<Result>(call: StoreCall<Result>, session: PresenceSession): Promise<Result> {
    this.unanswered++;
    try {
      return await call(session);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : show(cause);
      throw new PresenceUnavailableError(`The presence store failed: ${reason}`, { cause });
    } finally {
      this.unanswered--;
    }
  }
}
