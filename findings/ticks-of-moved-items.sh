#!/usr/bin/env bash
# What becomes of an action item that Ana moves down the list while Ben, who is offline, ticks it, in notes that merge on their own (CRDT).
# Guess: there is one such item after the merge, at its new place and ticked, or both stand there; nothing that either did is lost. And an
# item that Ana deletes while Ben moves it is gone for both, or there for both.
# Seen: with Automerge 3.5.0, whose lists know no moving, so that an item is taken out and put in again, there is one item and it is
# open: Ben's tick is lost, and no conflict is told. The movable list of loro-crdt 1.17.1 keeps the tick; there an item that was
# deleted is back, as the other moved it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@automerge/automerge@3.5.0' 'loro-crdt@1.17.1'
cat >seen.mjs <<'SCRIPT'
import assert from 'node:assert';
import * as Automerge from '@automerge/automerge';
import { LoroDoc, LoroMap } from 'loro-crdt';

function byAutomerge() {
  const start = Automerge.from({ items: [{ text: 'Rotate', done: false }, { text: 'Drill', done: false }] });
  const ana = Automerge.change(Automerge.clone(start), ({ items }) => {
    const { text, done } = items[0];
    items.splice(0, 1);
    items.push({ text, done });
  });
  const ben = Automerge.change(Automerge.clone(start), ({ items }) => { items[0].done = true; });
  return Automerge.merge(ana, ben).items.map(({ text, done }) => `${text} ${done}`);
}

// What Loro's list holds once Ana did one thing and Ben another.
function byLoro(ana, ben) {
  const [hers, his] = [new LoroDoc(), new LoroDoc()];
  hers.setPeerId('1');
  his.setPeerId('2');
  for (const text of ['Rotate', 'Drill']) {
    const items = hers.getMovableList('items');
    const item = items.insertContainer(items.length, new LoroMap());
    item.set('text', text);
    item.set('done', false);
  }
  hers.commit();
  his.import(hers.export({ mode: 'snapshot' }));
  ana(hers.getMovableList('items'));
  ben(his.getMovableList('items'));
  hers.commit();
  his.commit();
  hers.import(his.export({ mode: 'snapshot' }));
  return hers.toJSON().items.map(({ text, done }) => `${text} ${done}`);
}

const moved = byLoro((items) => items.move(0, 1), (items) => items.get(0).set('done', true));
const deleted = byLoro((items) => items.delete(0, 1), (items) => items.move(0, 1));
console.log('guess: Drill false, Rotate true; and Drill alone where Rotate was deleted');
console.log('Automerge 3.5.0:', byAutomerge().join(', '));
console.log('loro-crdt 1.17.1:', moved.join(', '), '; deleted:', deleted.join(', '));
assert.deepEqual(byAutomerge(), ['Drill false', 'Rotate false']);
assert.deepEqual(moved, ['Drill false', 'Rotate true']);
assert.deepEqual(deleted, ['Drill false', 'Rotate false']);
SCRIPT
node seen.mjs
