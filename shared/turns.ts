// Who says a thousand things at once lets the others have their turn in between (xmpp-boundary L7, invariant I10): what a
// connection says is worked on for 2 ms at a time, and of those with more to say one goes on in each turn of the event loop.

export type Turns = {
  /** Undefined: it may go on at once. Else it goes on after that. Asked before each thing that was said. */
  readonly mine: () => Promise<void> | undefined;
};

const workAtATimeMs = 2;

// The event loop is one for all, and so is what stands here.
let turn = 0;
let isCounted = false;
let isMoving = false;
const waiting: (() => void)[] = [];

/** The turns of one connection. */
export function createTurns(now: () => number = () => performance.now()): Turns {
  let last = -1;
  let began = 0;
  return {
    mine() {
      const at = now();
      if (currentTurn() !== last) {
        last = turn;
        began = at;
        return undefined;
      }
      if (at - began < workAtATimeMs) return undefined;
      return nextTurn().then(() => {
        last = currentTurn();
        began = now();
      });
    },
  };
}

function currentTurn(): number {
  if (!isCounted) {
    isCounted = true;
    setImmediate(() => {
      isCounted = false;
      turn += 1;
    });
  }
  return turn;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (isMoving) return;
    isMoving = true;
    setImmediate(letOneGo);
  });
}

// What it then does is done before the sockets are looked at again, and the next one comes after that.
function letOneGo(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneGo);
  else isMoving = false;
}
