/** The keys, and what the colours and shapes mean. */
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'pause, or go on; of a recording: play'],
  [', .', 'one message back, forward'],
  ['< >', 'to the chosen actor’s change of state before, after'],
  ['Shift Home', 'to the beginning'],
  ['L', 'to the newest, and go along with it'],
  ['/', 'search the actors'],
  ['1 2 3 4 5', 'to the actors, the chart, what it knows, the events, the timeline'],
  ['↑ ↓ ← →', 'in the tree and in what it knows: walk, fold and unfold; in the timeline: move'],
  ['+ − 0', 'in the timeline: zoom in, out, show all (also Ctrl and wheel)'],
  ['?', 'this page; Esc closes it'],
];

export function Help({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} className="help" aria-label="Keys and help" onClose={onClose}>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <h2>What you see</h2>
      <p>
        Each line of the tree is a state machine at work, or something that one runs. The chart is the chosen actor’s machine: lit is the state it is in, the coloured arrow is the one it took last. Every
        panel shows the same moment: drag the slider, or click an event, a decision or the timeline’s axis, to go to another.
      </p>
      <p>Clock ticks are left out: ten a second would bury the rest.</p>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
