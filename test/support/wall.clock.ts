import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A wall clock that can be set for one process. Its monotonic clock is not affected. */
export class WallClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'heartbeat-clock-'));
  private readonly file = join(this.folder, 'offset');

  constructor() {
    this.set(0);
  }

  /** Environment variables of a process that uses this clock. */
  get env(): Record<string, string> {
    const library = execFileSync('faketime', ['-m', '-f', '+0s', 'printenv', 'LD_PRELOAD']);
    return {
      LD_PRELOAD: library.toString().trim(),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    };
  }

  /** Sets the offset of the clock from the real time, ms. */
  set(offset: number): void {
    writeFileSync(`${this.file}.new`, `${offset < 0 ? '' : '+'}${offset / 1_000}`);
    renameSync(`${this.file}.new`, this.file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
