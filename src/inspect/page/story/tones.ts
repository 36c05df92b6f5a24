/** Which colour a state has: seven tones, so that what is alike looks alike in the tree, the chart and the timeline. */

export type Tone = 'waiting' | 'ready' | 'working' | 'checking' | 'resting' | 'trouble' | 'good' | 'out';

const TONES: Readonly<Record<string, Tone>> = {
  discovering: 'waiting',
  naming: 'waiting',
  opening: 'waiting',
  looking: 'waiting',
  planning: 'waiting',
  laying: 'waiting',
  connecting: 'waiting',
  starting: 'waiting',
  ready: 'ready',
  alive: 'working',
  downloading: 'working',
  transferring: 'working',
  serving: 'working',
  active: 'working',
  verifying: 'checking',
  publishing: 'checking',
  searching: 'checking',
  keeping: 'checking',
  draining: 'resting',
  clearing: 'resting',
  reassigned: 'resting',
  paused: 'resting',
  stopping: 'resting',
  closing: 'resting',
  failed: 'trouble',
  dead: 'trouble',
  error: 'trouble',
  done: 'good',
  closed: 'good',
  quarantined: 'out',
  retired: 'out',
  stopped: 'out',
};

/** The tone of a state's own name; of a name that nobody has heard of, a neutral one. */
export const toneOf = (state: string): Tone => TONES[state] ?? 'ready';
