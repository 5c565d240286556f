import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { show } from '../heartbeat.text.js';
import { dashboardError } from './dashboard.errors.js';
import moduleFolder from '../module.folder.cjs';

/** Injection token of the folders in which the built page may be. */
export const PAGE_FOLDERS = Symbol('nestjs-heartbeat:page-folders');

/** In either build, beside its modules; when the sources run uncompiled, in the last build. */
export const DEFAULT_PAGE_FOLDERS: readonly string[] = [
  join(moduleFolder, 'dashboard', 'page'),
  join(moduleFolder, '..', 'dist', 'esm', 'dashboard', 'page'),
];

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
};

/** A file that the page loads. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

interface Page {
  readonly html: string;
  readonly files: ReadonlyMap<string, PageFile>;
}

/** The built page, read into memory at its first request. */
@Injectable()
export class PageFiles {
  private loading: Promise<Page> | undefined;

  constructor(@Inject(PAGE_FOLDERS) private readonly folders: readonly string[]) {}

  /**
   * The page for a path at which it is requested. Without a slash at its end, URLs relative to the page begin one folder
   * higher. The content security policy forbids a `<base>`.
   *
   * @throws HttpException (503) if the page is missing
   */
  async page(path: string): Promise<string> {
    const { html } = await this.load();
    const [segment = ''] = /[\w.~-]*$/.exec(path) ?? [];
    return html.replace(
      /(\s(?:src|href)=["']?)(?:\.\/)?(?=assets\/)/g,
      `$1./${segment === '' ? '' : `${segment}/`}`,
    );
  }

  /**
   * A file of the page.
   *
   * @throws HttpException 404 for an unknown name, 503 if the page is missing
   */
  async file(name: unknown): Promise<PageFile> {
    const { files } = await this.load();
    const file = typeof name === 'string' ? files.get(name) : undefined;
    if (file !== undefined) return file;
    throw dashboardError(
      HttpStatus.NOT_FOUND,
      'HEARTBEAT_UNKNOWN_FILE',
      `The dashboard has no file ${show(name)}. Reload the page.`,
    );
  }

  private load(): Promise<Page> {
    this.loading ??= this.read().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    return this.loading;
  }

  private async read(): Promise<Page> {
    for (const folder of this.folders) {
      const page = await readPage(folder).catch(() => undefined);
      if (page !== undefined) return page;
    }
    throw dashboardError(
      HttpStatus.SERVICE_UNAVAILABLE,
      'HEARTBEAT_PAGE_MISSING',
      'The files of the dashboard page are missing. If the application is bundled, leave nestjs-heartbeat external; in ' +
        'a checkout of nestjs-heartbeat run `npm run build`.',
    );
  }
}

async function readPage(folder: string): Promise<Page> {
  const assets = join(folder, 'assets');
  const [html, names] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    readdir(assets),
  ]);
  const files = await Promise.all(
    names.map(async (name): Promise<[string, PageFile]> => {
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      return [name, { type, content: await readFile(join(assets, name)) }];
    }),
  );
  return { html, files: new Map(files) };
}
