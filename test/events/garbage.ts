import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whether all objects are garbage collected within ten attempts. */
export async function areCollected(objects: readonly WeakRef<object>[]): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) {
    // Reading a WeakRef keeps its object until the end of the turn.
    await nextTurn();
    collectGarbage();
    if (objects.every((object) => object.deref() === undefined)) return true;
  }
  return false;
}
