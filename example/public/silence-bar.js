// Bars that grow with the silence of a client or of the server. Both sides use the same times.
import { put, seconds } from './dom.js';

/** The policy of the gateway; replaced by the one that the server sends. */
export let policy = { interval: 2_000, timeout: 5_000 };

/** Milliseconds of silence after which either side suspects the other. */
export const suspectAfter = () => (policy.interval + policy.timeout) / 2;

export function showPolicy({ interval, timeout }) {
  policy = { interval, timeout };
  const times = { interval, suspect: suspectAfter(), timeout };
  for (const [name, time] of Object.entries(times)) {
    for (const element of document.querySelectorAll(`[data-time=${name}]`)) {
      put(element, `${time / 1000} s`);
    }
    document.documentElement.style.setProperty(`--at-${name}`, time / timeout);
  }
}

/** Shows a silence. The bar grows towards its value in `ahead` ms, when it is shown next. */
export function showSilence(element, silence, ahead) {
  const bar = element.querySelector('.bar');
  const level = Math.min(1, (silence + ahead) / policy.timeout);
  bar.classList.toggle('falls', level < Number(bar.style.getPropertyValue('--level')));
  bar.style.setProperty('--level', level);
  bar.ariaValueMax = policy.timeout / 1000;
  bar.ariaValueNow = silence / 1000;
  bar.ariaValueText = `silent for ${seconds(silence)} of ${seconds(policy.timeout)}`;
  put(element.querySelector('.seconds'), seconds(silence));
}
