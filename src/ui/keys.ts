/** The keys of both views: what is pressed, and what the foot and `?` say of it. */

export type KeyName = 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'home' | 'end' | 'enter' | 'escape' | 'tab' | 'backspace' | 'text';

export interface KeyPress {
  readonly name: KeyName;
  /** The character, where `name` is `text`. */
  readonly text: string;
  readonly isCtrl: boolean;
}

export interface KeyHelp {
  /** As the foot shows it. */
  readonly keys: string;
  /** The same without Unicode, where it differs. */
  readonly asciiKeys?: string;
  /** One or two words for the foot. */
  readonly words: string;
  /** A sentence for `?`. */
  readonly says: string;
}

const MOVE: KeyHelp = { keys: '↑↓', asciiKeys: 'j/k', words: 'choose', says: 'Choose a server, or scroll this page; j and k do the same.' };

export const GET_KEYS: readonly KeyHelp[] = [
  { keys: 'q', words: 'quit', says: 'Stop and keep everything for a resume; a second time: leave at once.' },
  { keys: '?', words: 'keys', says: 'This page.' },
  { keys: 'space', words: 'pause', says: 'Pause, and go on.' },
  { ...MOVE, says: 'Choose a server, or on their page a segment, or scroll this page; j and k do the same.' },
  { keys: 'd', words: 'drop', says: 'Drop the chosen server: what it gave stays.' },
  { keys: 'b', words: 'back', says: 'Bring the chosen server back.' },
  { keys: '+ −', asciiKeys: '+ -', words: 'lanes', says: 'Give the chosen server more or fewer lanes (connections).' },
  { keys: 'a', words: 'add', says: 'Add a mirror: paste its URL, then enter.' },
  { keys: 'l', words: 'limit', says: 'Change the speed limit of the whole download.' },
  { keys: 'enter', words: 'story', says: 'The chosen server’s own story; esc goes back.' },
  { keys: 's', words: 'segments', says: 'Segments, and the chosen one’s own story.' },
  { keys: 'm', words: 'machines', says: 'The live tree of machines and their states.' },
];

/** Present where the view has a farm beside it. */
export const FARM_DIGITS: KeyHelp = { keys: '1–9', asciiKeys: '1-9', words: 'kill, revive', says: 'Kill or revive that server of the farm.' };

export const SERVE_KEYS: readonly KeyHelp[] = [
  { keys: 'q', words: 'end', says: 'End the farm.' },
  { keys: '?', words: 'keys', says: 'This page.' },
  { ...FARM_DIGITS, says: 'Kill or revive that server; 0 is the tenth.' },
  MOVE,
  { keys: 'x', words: 'kill, revive', says: 'Kill or revive the chosen server.' },
  { keys: 's', words: 'stall', says: 'Let the chosen server stop sending, its sockets open.' },
  { keys: 't', words: 'throttle', says: 'Give the chosen server a rate, such as 200K.' },
  { keys: 'c', words: 'corrupt', says: 'Let the chosen server send one wrong byte in each answer.' },
  { keys: 'h', words: 'heal', says: 'Take every fault from the chosen server.' },
  { keys: 'f', words: 'fault', says: 'Any fault of --fault, such as reset, 503=2 or no-range.' },
];
