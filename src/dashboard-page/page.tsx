import { render } from 'preact';
import { App } from './app.js';
import { DashboardServer } from './dashboard.server.js';

/**
 * The folder of the page, from the URL of this script: the address of the page ends with or without a slash, and a proxy
 * may have changed it.
 */
function rootOfPage(): string {
  const script = document.currentScript;
  return new URL('../', script instanceof HTMLScriptElement ? script.src : location.href).href;
}

const container = document.querySelector('#page');
if (container !== null) render(<App server={new DashboardServer(rootOfPage())} />, container);
