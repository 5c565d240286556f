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
   * Who came first comes last the next time. The short form judges no time and runs some at once.
   */
  async interleave<Run>(
    names: readonly ContenderName[],
    repetitions: number,
    run: (contender: Contender, name: ContenderName) => Promise<Run>,
  ): Promise<Map<ContenderName, Run[]>> {
    const runs = new Map<ContenderName, Run[]>(names.map((name) => [name, []]));
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const waiting = repetition % 2 ? names.toReversed() : [...names];
      const worker = async () => {
        for (let name = waiting.shift(); name; name = waiting.shift()) {
          runs.get(name)?.push(await run(CONTENDERS[name], name));
        }
      };
      await Promise.all(Array.from({ length: this.isShort ? 5 : 1 }, worker));
    }
    return runs;
  }
}

export const ALL = Object.keys(CONTENDERS) as ContenderName[];
