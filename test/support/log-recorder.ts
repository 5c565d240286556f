import type { LoggerService } from '@nestjs/common';

/** A logger that remembers what the module logs. */
export class LogRecorder implements LoggerService {
  readonly lines: { level: 'log' | 'warn' | 'error' | 'debug'; message: string }[] = [];

  /** The messages of one level, or those with a text in them. */
  of(level: 'log' | 'warn' | 'error' | 'debug', text = ''): string[] {
    return this.lines
      .filter((line) => line.level === level && line.message.includes(text))
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
