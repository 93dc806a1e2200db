// A stream that brings a thousand stanzas at once lets the others have their turn (xmpp-boundary L7, invariant I10).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connectedClient } from './scripted-peer.ts';
import { serve, theirs, until } from './setting.ts';

test('what one stream says in one breath does not stand before the first word of another', async (t) => {
  const order: string[] = [];
  const { listener } = await serve({
    receive: (element, _bytes, _stream, handled) => {
      // As long as judging takes.
      const end = performance.now() + 0.3;
      while (performance.now() < end);
      order.push(element.attributes.id ?? '');
      handled();
    },
  });
  t.after(() => listener.stop('system-shutdown'));
  const loud = await connectedClient(listener.port, theirs);
  const quiet = await connectedClient(listener.port, theirs);
  const message = (id: string) =>
    `<message from="ann@out.example" to="bob@in.example" id="${id}"><body>x</body></message>`;
  // 64 KiB are what is read before it is judged.
  loud.say(message('loud').repeat(700));
  await until(() => order.length > 0, 'the first of them');
  quiet.say(message('quiet'));
  await until(() => order.includes('quiet'), 'the other one');
  const before = order.indexOf('quiet');
  assert.ok(before < 600, `${before} stood before it`);
  await wait(0);
  await until(() => order.length === 701, 'all of them');
  for (const peer of [loud, quiet]) peer.socket.destroy();
});
