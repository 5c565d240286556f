/** Text heartbeats of existing clients, and the answer to each. */
export class TextReplies {
  private readonly replies: ReadonlyMap<string, string>;
  private readonly longest: number;

  constructor(replies: Record<string, string>) {
    this.replies = new Map(Object.entries(replies));
    const lengths = [...this.replies.keys()].map((text) => Buffer.byteLength(text));
    this.longest = Math.max(0, ...lengths);
  }

  /** The answer to the bytes of a text message, if they are exactly one of these heartbeats. */
  to(bytes: Uint8Array): string | undefined {
    if (bytes.length > this.longest) return undefined;
    return this.replies.get(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  }
}
