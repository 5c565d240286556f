// Bars that grow with silence. The server and this page judge each other by the same times.
import { $, seconds } from './dom.js';

/** The policy of the gateway, as it tells it. */
export let policy = { interval: 2_000, timeout: 5_000 };

/** After so long a silence either side suspects the other. */
export const suspicion = () => (policy.interval + policy.timeout) / 2;

export function showPolicy({ interval, timeout }) {
  policy = { interval, timeout };
  const times = { interval, suspect: suspicion(), timeout };
  for (const [id, time] of Object.entries(times)) {
    $(id).textContent = `${time / 1000} s`;
    document.documentElement.style.setProperty(`--at-${id}`, time / timeout);
  }
}

/** Shows a silence; its bar grows towards where it will be `ahead` ms from now, which is when it is shown next. */
export function showSilence(element, silence, ahead = 0) {
  const bar = element.querySelector('.bar');
  const level = Math.min(1, (silence + ahead) / policy.timeout);
  bar.classList.toggle('falls', level < Number(bar.style.getPropertyValue('--level')));
  bar.style.setProperty('--level', level);
  bar.ariaValueMax = policy.timeout / 1000;
  bar.ariaValueNow = silence / 1000;
  bar.ariaValueText = `silent for ${seconds(silence)} of ${seconds(policy.timeout)}`;
  element.querySelector('.seconds').textContent = seconds(silence);
}
