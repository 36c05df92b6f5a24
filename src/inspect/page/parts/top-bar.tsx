/** What is shown, and where in it one stands. */
import type { ReactNode } from 'react';
import type { Playback, Shown } from '../playback.ts';
import { counted, sinceStart } from '../story/times.ts';
import { Player } from './player.tsx';

interface Said {
  readonly tone: 'working' | 'good' | 'trouble' | 'waiting' | 'resting';
  readonly text: string;
  readonly title: string;
}

/** How the stream stands, in plain words. */
function linkWords({ story }: Playback, { link, waiting }: Shown): Said {
  const recording = story.hello?.recording ?? null;
  const command = `plait ${story.hello?.command ?? ''}`.trim();
  if (story.end !== null) {
    const tone = story.end.exitStatus === 0 ? 'good' : 'trouble';
    return { tone, text: `${recording === null ? 'ended' : 'recording'}: exit status ${story.end.exitStatus}`, title: `${command} has ended; everything that is known of it is here.` };
  }
  if (link === 'connecting') return { tone: 'waiting', text: 'connecting…', title: 'Waiting for the program’s first message.' };
  // What came before the connection closed may still have to be read.
  if (link === 'open' || waiting > 0) return { tone: 'working', text: recording === null ? 'live' : 'reading…', title: recording === null ? 'This is happening now.' : 'The recording is being read.' };
  if (recording !== null) return { tone: 'resting', text: 'the recording stops here', title: 'It was cut: the end of the command is not in it.' };
  return { tone: 'trouble', text: 'connection lost', title: 'The program is gone or does not answer. What came until then is kept here.' };
}

function Notices({ playback }: { readonly playback: Playback }): ReactNode {
  const { dropped, unreadable, first, now } = playback.story;
  const notices = [
    ...(dropped > 0 ? [`${counted(dropped, 'message')} missing: no longer kept, or this page read too slowly`] : []),
    ...(unreadable > 0 ? [`${counted(unreadable, 'line')} could not be read`] : []),
    ...(first > 1 ? [`the first ${counted(first - 1, 'message')} let go: more than this page keeps`] : []),
    ...(now.forgottenActors > 0 ? [`${counted(now.forgottenActors, 'finished actor')} forgotten`] : []),
  ];
  return notices.length === 0 ? null : (
    <p className="notices" role="status">
      {notices.join(' · ')}
    </p>
  );
}

export function TopBar({ playback, shown, onHelp }: { readonly playback: Playback; readonly shown: Shown; readonly onHelp: () => void }): ReactNode {
  const { position, first, last, world, isFollowing, link, waiting } = shown;
  const { story } = playback;
  const said = linkWords(playback, shown);
  const behind = last - position;
  return (
    <header className="top">
      <h1>
        <svg viewBox="0 0 24 16" width="27" height="18" aria-hidden="true">
          <path className="strand-a" d="M1 3C6 3 7 13 12 13S18 3 23 3" />
          <path className="strand-b" d="M1 13C6 13 7 3 12 3S18 13 23 13" />
          <path className="strand-c" d="M1 8H23" />
        </svg>
        plait <span className="quiet">{story.hello === null ? '' : (story.hello.recording ?? story.hello.command)}</span>
      </h1>
      <span className="link" data-tone={said.tone} role="status" title={said.title}>
        {said.text}
      </span>
      <Player playback={playback} shown={shown} />
      <input
        className="scrub"
        type="range"
        aria-label="Position in what happened"
        aria-valuetext={`Message ${position} of ${last}, ${sinceStart(world.atMs)}`}
        min={first}
        max={Math.max(first, last)}
        value={position}
        onChange={({ target }) => playback.goTo(Number(target.value))}
      />
      <span className="where">
        <b data-testid="position">{position.toLocaleString('en')}</b>
        <span className="quiet"> / {last.toLocaleString('en')}</span> <span className="since">{sinceStart(world.atMs)}</span>
      </span>
      <button type="button" className="follow" data-following={isFollowing} disabled={isFollowing} title="To the newest (L)" onClick={() => playback.follow()}>
        {isFollowing ? (waiting > 0 ? `reading ${waiting.toLocaleString('en')}…` : link === 'open' ? 'at the newest' : 'at the end') : `${behind.toLocaleString('en')} later →`}
      </button>
      <button type="button" className="help-key" aria-label="Keys and help" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
      <Notices playback={playback} />
    </header>
  );
}
