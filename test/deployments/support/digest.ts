import { createHash, randomBytes } from 'node:crypto';

/** What arrived, or was sent, as a whole. */
export interface Digest {
  readonly length: number;
  readonly hash: string;
}

/** Adds up messages. */
export class Digester {
  length = 0;
  private readonly hash = createHash('sha1');

  add(message: Buffer): void {
    this.length += message.length;
    this.hash.update(message);
  }

  /** What was added so far. */
  digest(): Digest {
    return { length: this.length, hash: this.hash.copy().digest('hex') };
  }
}

const contents = new Map<number, { bytes: Buffer; digest: Digest }>();

/** Random bytes, because others can be compressed. The same ones for each call in a process. */
export function contentOf(size: number): { readonly bytes: Buffer; readonly digest: Digest } {
  let content = contents.get(size);
  if (content === undefined) {
    const bytes = randomBytes(size);
    const digester = new Digester();
    digester.add(bytes);
    content = { bytes, digest: digester.digest() };
    contents.set(size, content);
  }
  return content;
}

/** Cuts bytes into messages of these sizes. */
export function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (const size of sizes) yield bytes.subarray(start, (start += size));
}
