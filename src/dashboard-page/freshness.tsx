import type { JSX } from 'preact';
import type { PageState } from './page.model.js';
import { duration, timeOfDay } from './wording.js';

/** Figures that are older than this are not current, ms: more than two polls. */
const OLD = 6_000;

/** Whether what is shown is not current. */
export function isStale({ failure, paused, receivedAt }: PageState, now: number): boolean {
  return failure !== undefined || paused || (receivedAt !== undefined && now - receivedAt > OLD);
}

interface Props {
  readonly state: PageState;
  readonly now: number;
  readonly onPause: (paused: boolean) => void;
}

/** How old the figures are, and the button that holds them. */
export function Freshness({ state, now, onPause }: Props): JSX.Element {
  const { paused } = state;
  const stale = isStale(state, now);
  return (
    <div class="freshness">
      <p role={stale && !paused ? 'alert' : undefined}>
        <span class="lamp" aria-hidden="true" />
        {stale ? <StaleText state={state} now={now} /> : <LiveText state={state} />}
      </p>
      <button type="button" aria-pressed={paused} onClick={() => onPause(!paused)}>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </div>
  );
}

function LiveText({ state }: { state: PageState }): JSX.Element {
  const at = answerOf(state)?.at;
  return <>{at === undefined ? 'Connecting …' : `Live · ${timeOfDay(at)} UTC`}</>;
}

function StaleText({ state, now }: { state: PageState; now: number }): JSX.Element {
  const { failure, paused, receivedAt } = state;
  const what = paused ? 'Paused' : `Not current: ${failure ?? 'the server does not answer'}`;
  const age = receivedAt === undefined ? undefined : now - receivedAt;
  return (
    <>
      <strong>{what}.</strong>{' '}
      {age === undefined
        ? 'There are no figures yet.'
        : // Whole seconds: the age changes only once a second.
          `These figures are ${duration(Math.round(age / 1_000) * 1_000)} old.`}
    </>
  );
}

/** The answer that the view shows. */
function answerOf({ route, overview, clients, history }: PageState): { at: number } | undefined {
  return { overview, clients, history }[route.view];
}
