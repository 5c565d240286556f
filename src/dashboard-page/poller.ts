/** Between the end of a poll and the begin of the next one, ms. */
const INTERVAL = 2_000;

/** Polls again and again, never twice at a time, and not while the page is hidden. */
export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;
  private paused = false;

  /** `poll` handles its own failures. */
  constructor(private readonly poll: (signal: AbortSignal) => Promise<void>) {}

  start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    this.now();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.timer);
    this.running?.abort();
  }

  pause(): void {
    this.paused = true;
    clearTimeout(this.timer);
  }

  resume(): void {
    this.paused = false;
    this.now();
  }

  /** Polls at once, paused or not. A poll in progress is aborted: the view that it is for is no longer shown. */
  now(): void {
    clearTimeout(this.timer);
    if (this.running === undefined) void this.run();
    else this.running.abort('again');
  }

  private async run(): Promise<void> {
    if (document.hidden) return;
    const running = new AbortController();
    this.running = running;
    await this.poll(running.signal);
    this.running = undefined;
    if (running.signal.reason === 'again') void this.run();
    else if (!running.signal.aborted && !this.paused) this.wait();
  }

  private wait(): void {
    if (document.hidden) return;
    this.timer = setTimeout(() => void this.run(), INTERVAL);
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.timer);
    if (!document.hidden && !this.paused && this.running === undefined) void this.run();
  };
}
