/** What is shown, where in it one stands, and the keys of a player. */
import type { ReactNode } from 'react';
import { SPEEDS } from '../playback.ts';
import type { Playback, Shown } from '../playback.ts';
import { counted, sinceStart } from '../story/times.ts';

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

const Icon = ({ path }: { readonly path: string }): ReactNode => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={path} fill="currentColor" />
  </svg>
);

const ICONS = {
  first: 'M2 3h1.8v10H2zM9 3v10L4 8zM15 3v10l-5-5z',
  back: 'M4 3h2v10H4zM12 3v10L7 8z',
  play: 'M4 2.5v11L13 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  forward: 'M10 3h2v10h-2zM4 3v10l5-5z',
} as const;

export function TopBar({ playback, shown, onHelp }: { readonly playback: Playback; readonly shown: Shown; readonly onHelp: () => void }): ReactNode {
  const { position, first, last, world, isFollowing, isPlaying, speed, link, waiting } = shown;
  const { story } = playback;
  const said = linkWords(playback, shown);
  const isLive = link === 'open' && isFollowing;
  const playName = isPlaying || isLive ? 'Pause' : 'Play';
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
      <div className="player" role="group" aria-label="Step through what happened">
        <button type="button" title="To the beginning (Shift+Home)" aria-label="To the beginning" onClick={() => playback.goTo(first)}>
          <Icon path={ICONS.first} />
        </button>
        <button type="button" title="One message back ( , )" aria-label="Step back" disabled={position <= first} onClick={() => playback.step(-1)}>
          <Icon path={ICONS.back} />
        </button>
        <button type="button" className="play" title={`${playName} (Space)`} aria-label={playName} onClick={() => playback.togglePlay()}>
          <Icon path={isPlaying || isLive ? ICONS.pause : ICONS.play} />
        </button>
        <button type="button" title="One message forward ( . )" aria-label="Step forward" disabled={position >= last} onClick={() => playback.step(1)}>
          <Icon path={ICONS.forward} />
        </button>
        <select aria-label="Speed of playing" value={speed} onChange={({ target }) => playback.setSpeed(Number(target.value))}>
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </div>
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
