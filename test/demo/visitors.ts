import { Chromium, type Page, type View } from '../support/chromium.js';
import { Demo } from './demo.process.js';
import { isStatus, shows } from './page.js';

/** A demo, and a browser with the pages that a test opens in it. */
export class Visitors {
  private readonly pages: Page[] = [];

  private constructor(
    readonly demo: Demo,
    private readonly browser: Chromium,
  ) {}

  static async start(demo: Demo | Promise<Demo> = Demo.start()): Promise<Visitors> {
    const [started, browser] = await Promise.all([demo, Chromium.launch()]);
    return new Visitors(started, browser);
  }

  /** Opens the page of the demo and waits until it is connected. */
  async open({ url }: Demo = this.demo, view?: View): Promise<Page> {
    const page = await this.browser.open('about:blank');
    this.pages.push(page);
    if (view !== undefined) await page.show(view);
    await page.goTo(url);
    await page.waitFor(isStatus('Connected'));
    return page;
  }

  /** Opens the page of the demo, joins, and waits until the room is visible. */
  async join(name: string, demo?: Demo, view?: View): Promise<Page> {
    const page = await this.open(demo, view);
    await page.type('#name', name);
    await page.click('#join button');
    await page.waitFor(`!document.querySelector('#board').hidden && ${shows(name, 'alive')}`);
    return page;
  }

  async leave(page: Page): Promise<void> {
    this.pages.splice(this.pages.indexOf(page), 1);
    await page.close();
  }

  /** Closes all pages. For `afterEach`. */
  async closePages(): Promise<void> {
    await Promise.all(this.pages.splice(0).map((page) => page.close()));
  }

  async closeBrowser(): Promise<void> {
    await this.browser.close();
  }
}
