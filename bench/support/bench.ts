import { CONTENDERS, type Contender, type ContenderName, type Times } from './contender.js';

/** The settings of one run of the benchmark. */
export class Bench {
  constructor(
    /** Small numbers, without targets: only shows that everything works. */
    readonly isShort: boolean,
    private readonly wantedRepetitions: number | undefined,
    private readonly wanted: readonly ContenderName[],
    /** Path of the binary of Bun, if it is available. */
    readonly bun: string | undefined,
  ) {}

  repetitions(usual: number): number {
    return this.wantedRepetitions ?? (this.isShort ? 1 : usual);
  }

  /** The times of every contender. Short intervals make the signal strong. */
  get times(): Times {
    return this.isShort ? { interval: 250, timeout: 500 } : { interval: 1_000, timeout: 2_000 };
  }

  /** The contenders of `among` that take part in this run. */
  contenders(among: readonly ContenderName[] = COMPARED): ContenderName[] {
    return among.filter(
      (name) => this.wanted.includes(name) && (name !== 'bun' || this.bun !== undefined),
    );
  }

  /**
   * Runs all contenders in turn, so that other load on the machine affects all alike. The order is reversed every
   * second time.
   *
   * @param atOnce how many contenders run in parallel; more than one only where no time is measured
   */
  async interleave<Run>(
    names: readonly ContenderName[],
    repetitions: number,
    run: (contender: Contender, name: ContenderName) => Promise<Run>,
    atOnce = this.isShort ? 5 : 1,
  ): Promise<Map<ContenderName, Run[]>> {
    const runs = new Map<ContenderName, Run[]>(names.map((name) => [name, []]));
    const queue = Array.from({ length: repetitions }, (_, repetition) =>
      (repetition % 2 ? names.toReversed() : names).map((name) => ({ name, repetition })),
    ).flat();
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
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
const COMPARED = ALL.filter((name) => !(CONTENDERS[name] as Contender).isVariant);
