/** The view of a download for a screen reader: sentences that stay where they were said, and one that tells how far it is. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Text } from 'ink';
import { formatSeconds } from '../base/units.ts';
import type { DownloadView } from '../metrics/view.ts';
import { sentence } from './draw/decision-rows.ts';
import { bytesWords, nameOf, percentWords, rateWords } from './draw/words.ts';
import type { GetModel } from './get-screen.tsx';
import type { GetScreenState } from './get-steering.ts';
import { SaidOnce } from './parts/said-once.tsx';

/** A new sentence comes at each tenth of the file, every half minute, and when the course changes: more would never end. */
const SENTENCE_EVERY_MS = 30_000;

const momentOf = (view: DownloadView): string =>
  `${view.course} ${Math.floor((10 * view.writtenBytes) / Math.max(1, view.totalBytes ?? 1))} ${Math.floor(view.elapsedMs / SENTENCE_EVERY_MS)}`;

export function progressSentence(view: DownloadView): string {
  if (view.course === 'discovering') return 'Looking for servers.';
  if (view.course !== 'transferring') return `${nameOf(view)} is ${view.course}.`;
  const of = view.totalBytes === null ? '' : ` of ${bytesWords(view.totalBytes)}, ${percentWords(view.writtenBytes, view.totalBytes)}`;
  const left = view.etaSeconds === null ? '' : `, ${formatSeconds(Math.ceil(view.etaSeconds))} left`;
  const working = view.servers.filter(({ state }) => state === 'downloading').length;
  return `${nameOf(view)}: ${bytesWords(view.writtenBytes)}${of}, at ${rateWords(view.rateBytesPerSec)} from ${working} ${working === 1 ? 'server' : 'servers'}${left}.`;
}

export function SpokenGet({ model, state }: { readonly model: GetModel; readonly state: GetScreenState }): ReactElement {
  const [said, setSaid] = useState({ moment: '', words: '' });
  const moment = momentOf(model.view);
  if (said.moment !== moment) setSaid({ moment, words: progressSentence(model.view) });
  const asked = state.prompt === null ? null : `${state.prompt.ask === 'mirror' ? 'The URL of a mirror' : 'The limit, such as 8M'}, then enter: ${state.prompt.text}`;
  return (
    <>
      <SaidOnce last={model.stories.decisions.map(({ why }) => sentence(why))} told={model.stories.decisionsTold} />
      <Text>{asked ?? state.notice ?? `${said.words} Space pauses, q quits and keeps everything, a adds a mirror.`}</Text>
    </>
  );
}
