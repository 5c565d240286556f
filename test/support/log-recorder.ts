import type { LoggerService } from '@nestjs/common';

const SHORT_TIMES = 'Times are milliseconds:';

/** A logger that remembers what the module logs. */
export class LogRecorder implements LoggerService {
  readonly lines: { level: 'log' | 'warn' | 'error' | 'debug'; message: string }[] = [];

  /**
   * The messages of one level, or those with a text in them. Without the warning of times below a second, which
   * nearly all tests have: see `shortTimes`.
   */
  of(level: 'log' | 'warn' | 'error' | 'debug', text = ''): string[] {
    return this.lines
      .filter((line) => line.level === level && line.message.includes(text))
      .map(({ message }) => message)
      .filter((message) => !message.includes(SHORT_TIMES));
  }

  /** The warnings of times below a second. */
  get shortTimes(): string[] {
    return this.lines
      .filter(({ level, message }) => level === 'warn' && message.includes(SHORT_TIMES))
      .map(({ message }) => message);
  }

  log = (message: unknown, ...context: unknown[]) => this.record('log', message, context);
  warn = (message: unknown, ...context: unknown[]) => this.record('warn', message, context);
  error = (message: unknown, ...context: unknown[]) => this.record('error', message, context);
  debug = (message: unknown, ...context: unknown[]) => this.record('debug', message, context);

  private record(
    level: 'log' | 'warn' | 'error' | 'debug',
    message: unknown,
    context: unknown[],
  ): void {
    if (context.at(-1) === 'HeartbeatModule') this.lines.push({ level, message: String(message) });
  }
}
