import { CONTENDERS, type Contender, type ContenderName, type Times } from './contender.js';

/** How a run of the benchmark was asked for. */
export class Bench {
  constructor(
    /** Small numbers, nothing is judged: only shows that everything works. */
    readonly isShort: boolean,
    private readonly wantedRepetitions: number | undefined,
    private readonly wanted: readonly ContenderName[],
    /** Bun's binary, where it can be had. */
    readonly bun: string | undefined,
  ) {}

  repetitions(usual: number): number {
    return this.wantedRepetitions ?? (this.isShort ? 1 : usual);
  }

  /** The clocks of every contender: an interval of a second makes the signal strong. */
  get times(): Times {
    return this.isShort ? { interval: 250, timeout: 500 } : { interval: 1_000, timeout: 2_000 };
  }

  /** Those of the contenders named that take part. */
  contenders(among: readonly ContenderName[] = ALL): ContenderName[] {
    return among.filter(
      (name) => this.wanted.includes(name) && (name !== 'bun' || this.bun !== undefined),
    );
  }

  /**
   * Runs everybody so many times, each in turn, so that what the machine does meanwhile is shared out.
   * Who came first comes last the next time. `atOnce`: how many run beside each other, where no time is
   * judged; the short form judges none.
   */
  async interleave<Run>(
    names: readonly ContenderName[],
    repetitions: number,
    run: (contender: Contender, name: ContenderName) => Promise<Run>,
    atOnce = this.isShort ? 5 : 1,
  ): Promise<Map<ContenderName, Run[]>> {
    const runs = new Map<ContenderName, Run[]>(names.map((name) => [name, []]));
    const waiting = Array.from({ length: repetitions }, (_, repetition) =>
      (repetition % 2 ? names.toReversed() : names).map((name) => ({ name, repetition })),
    ).flat();
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { name, repetition } = next;
        const of = runs.get(name) ?? [];
        of[repetition] = await run(CONTENDERS[name], name);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return runs;
  }
}

export const ALL = Object.keys(CONTENDERS) as ContenderName[];
