import { randomBytes } from 'node:crypto';

/** Length of a payload in bytes. Eight random bytes cannot be guessed; a control frame carries up to 125. */
const LENGTH = 8;
/** Size of a block in bytes. One call of `randomBytes()` costs more than a ping, so many payloads share it. */
const BLOCK = LENGTH * 512;

/** Draws unpredictable payloads. */
export class PingPayloads {
  private block = Buffer.alloc(0);
  private used = 0;

  /** Returns a payload that no other ping has. */
  draw(): Buffer {
    if (this.used >= this.block.length) {
      this.block = randomBytes(BLOCK);
      this.used = 0;
    }
    return this.block.subarray(this.used, (this.used += LENGTH));
  }
}
