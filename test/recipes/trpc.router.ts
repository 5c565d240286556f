import { on } from 'node:events';
import { initTRPC } from '@trpc/server';
import { wire } from './wire.js';

const t = initTRPC.create();

export const router = t.router({
  news: t.procedure.subscription(async function* ({ signal }) {
    for await (const [text] of on(wire, 'news', { ...(signal && { signal }) })) yield String(text);
  }),
});
