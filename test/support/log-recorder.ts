import type { LoggerService } from '@nestjs/common';

const SHORT_TIMES = 'Times are milliseconds:';

/** A logger that records the log lines of the module. */
export class LogRecorder implements LoggerService {
  readonly lines: { level: 'log' | 'warn' | 'error' | 'debug'; message: string }[] = [];

  /**
   * The messages of one level that contain a text. Without the warning about times below a second, which almost all
   * tests cause: see `shortTimes`.
   */
  of(level: 'log' | 'warn' | 'error' | 'debug', text = ''): string[] {
    return this.lines
      .filter((line) => line.level === level && line.message.includes(text))
      .map(({ message }) => message)
      .filter((message) => !message.includes(SHORT_TIMES));
  }

  /** The warnings about times below a second. */
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
