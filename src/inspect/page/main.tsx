/** The page's beginning: it listens, and draws what it hears. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { listen } from './feed.ts';
import { Playback } from './playback.ts';

const root = document.querySelector('#page');
if (root !== null) {
  const playback = new Playback();
  createRoot(root).render(<App playback={playback} />);
  listen(playback);
}
