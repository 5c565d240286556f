import { randomBytes } from 'node:crypto';

/** Bytes of a payload: too many to guess, and far fewer than the 125 of a control frame. */
const LENGTH = 8;
/** Bytes of a block. One call of `randomBytes()` costs more than a ping. */
const BLOCK = LENGTH * 512;

/** Draws unpredictable payloads. */
export class PingPayloads {
  private block = Buffer.alloc(0);
  private used = 0;

  /** A payload that no other ping has. */
  draw(): Buffer {
    if (this.used >= this.block.length) {
      this.block = randomBytes(BLOCK);
      this.used = 0;
    }
    return this.block.subarray(this.used, (this.used += LENGTH));
  }
}
