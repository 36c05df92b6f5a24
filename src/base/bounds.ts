/**
 * Every bound of the program, with its reason. Whatever can grow or wait names its limit here, so that memory, time
 * and politeness can be read off one page.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A lane's read buffer. At 1 MiB a read costs what the kernel's copy costs; at 64 KiB half as much again. */
export const READ_BUFFER_BYTES = MIB;
/** TLS hands over 16 KiB a record; they are gathered to this before one write. */
export const TLS_GATHER_BYTES = 256 * KIB;
/** …but nothing received stays in memory longer than this, so that a kill loses little. */
export const TLS_GATHER_MS = 100;
/** A response head, all lines together. Node's own limit is the same. */
export const HEAD_MAX_BYTES = 16 * KIB;
/** Lines of one head. Node quietly drops what is over 2,000; a server that sends more than this is playing. */
export const HEAD_LINES_MAX = 256;
/** Interim (1xx) responses before the final one; a server that sends more is playing. */
export const INTERIM_RESPONSES_MAX = 8;
/** Redirects that are followed for one request, as browsers and the standards' readers do. */
export const REDIRECTS_MAX = 10;
/** An idle keep-alive socket is closed after this: most servers close theirs after 5 to 75 s. */
export const IDLE_SOCKET_MS = 4_000;
/** The rest of a whole file's body waits so long for the next lease: as an idle socket does. It is given out at once, if at all. */
export const BODY_KEPT_MS = IDLE_SOCKET_MS;
/** Addresses after redirects whose validators are remembered for one mirror; a balancer has few. */
export const VALIDATORS_PER_MIRROR_MAX = 16;
/** Under a rate limit no read takes more than the limit gives in this time, so that traffic stays smooth… */
export const LIMIT_BURST_MS = 50;
/** …but never less than this: smaller reads cost more than they smooth. */
export const LIMIT_READ_MIN_BYTES = 4 * KIB;

/** From asking for a lane to the end of the response head; a server that takes longer is down for now. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** A body without a byte for so long has stalled; its range moved on long before, when others were idle. */
export const STALL_TIMEOUT_MS = 8_000;

/** The first lease to a server of unknown speed, while the file's size is unknown too. */
export const PROBE_BYTES = MIB;
/** A server that was asked and gave nothing is tried again after this, beside the others. */
export const PROBE_AGAIN_MS = 2_000;
/** The finest grid on which ranges are cut, recorded and checked. */
export const BLOCK_MIN_BYTES = 64 * KIB;
/** …and at most so many blocks a file, so that no map or journal grows with a huge file. */
export const BLOCKS_MAX = 65_536;

/** Lanes a server gets at first: two hide its round trip. */
export const LANES_AT_START = 2;
/**
 * Of more mirrors than this each is asked on one lane until it answers, and one with a short round trip goes on with one:
 * while it asks anew the others deliver, and each lane more costs requests.
 */
export const FEW_SERVERS_MAX = 12;
/** Lanes a server gets at most by default; more is impolite to mirrors and gains little. */
export const LANES_PER_SERVER_MAX = 6;
/** …and the most that anyone may ask for: a server with more of them from one client takes it for an attack. */
export const LANES_ASKED_MAX = 64;
/** Descriptors that no socket may take: part file, journal and its successor, those who read back, the folder, a terminal. */
export const FILES_RESERVED = 10;
/** Where so many lanes are at work, no server tries more: what one gains the others mostly lose, and each costs requests. */
export const LANES_TRIED_BELOW = 128;
/** Lanes of one download, whatever the user asks for a server: sockets and counters are made for so many. */
export const LANES_MAX = 256;
/** …and so many while our own event loop is what the download waits for: one delivers while the other asks anew. */
export const BUSY_LANES_MAX = 2;
/** Servers that are live actors at once; further mirrors wait as rows. */
export const LIVE_SERVERS_MAX = 64;
/** …and so many are called up at the start; the others follow with the first tick in which our event loop has time for them. */
export const SERVERS_CALLED_FIRST = 32;
/** Rows that are kept of servers that ended without a byte or a word on the file: of thousands, the first are forgotten. */
export const ENDED_ROWS_MAX = 256;
/** Mirrors one download takes in at all. */
export const MIRRORS_MAX = 10_000;

/** The first pause after a failure: at most one request a second to a failing server. */
export const BACKOFF_MIN_MS = 1_000;
/** The longest pause without a Retry-After: a server that returns is found within 5 s. */
export const BACKOFF_MAX_MS = 3_750;
/** …and of a server that refuses the connection: its machine answers, and nothing there has to work for it. */
export const REFUSED_MAX_MS = 1_500;
/** A server that broke off in the middle of a body is asked again within this: a moment by chance for each client. */
export const QUICK_RETRY_MAX_MS = 50;
/** A pause is longer by up to this share, so that many clients do not come back in one moment. */
export const BACKOFF_JITTER = 0.2;
/** The longest Retry-After that is believed; beyond it a server may as well be asked again. */
export const RETRY_AFTER_MAX_MS = 3_600_000;
/** Wrong answers in a row that are forgiven before a server is quarantined. */
export const LIES_FORGIVEN = 2;
/** How often one download may find that the servers have another version and begin again. */
export const START_OVERS_MAX = 3;
/** A mirror that has said nothing for so long has no vote. */
export const SILENCE_MS = 5_000;

/** A download that ends waits so long for its lanes to drain: a cancelled one takes a moment, and one that broke by a bug never says so. */
export const DRAIN_TIMEOUT_MS = 5_000;

/** A mirror’s samples, all together: enough to show another file, and little enough for one that gives a few KiB a second beside its leases. */
export const SAMPLE_BYTES_MAX = 8 * KIB;
/** …and at most this share of the file… */
export const SAMPLE_SHARE = 0.004;
/** …and this share for all mirrors together, so that many of them do not make the checking dear. */
export const SAMPLE_ALL_SHARE = 0.01;
/** A sample is worth a request from this size on. */
export const SAMPLE_MIN_BYTES = KIB;
/** Places that are compared: each costs a round trip. */
export const SAMPLE_PLACES_MAX = 5;
/** …and at least the two ends, where files of one size differ most often. */
export const SAMPLE_PLACES_MIN = 2;
/** A file up to this size is compared whole: that is one request. */
export const SAMPLE_WHOLE_BYTES = 64 * KIB;
/** How often a mirror that is there is asked for its samples before it is left out. */
export const SAMPLE_TRIES_MAX = 3;
/** What is compared at once when a checksum has failed: what differs in it is kept in memory until it is written… */
export const SEARCH_STRETCH_BYTES = MIB;
/** …and of a smaller file so many stretches, so that the first difference shows before much was asked for. */
export const SEARCH_STRETCHES = 256;
/** Compared are blocks of this length, of which only what differs is exchanged. */
export const SEARCH_BLOCK_BYTES = BLOCK_MIN_BYTES;
/**
 * So few bytes are worth another mirror's word, though one of two who differ is known for wrong bytes: it is a request, and
 * no traffic. Places that lie so far apart are two, which are less to ask for than what lies between them.
 */
export const SEARCH_WORD_BYTES = 4 * KIB;
/** So many combinations of what mirrors said are tried where only tries can tell: four places where two differ… */
export const SEARCH_COMBINATIONS_MAX = 16;
/** …and so often in all wrong bytes are replaced and the checksum is made anew: the whole file is read each time. */
export const SEARCH_ROUNDS_MAX = 32;
/** Pieces of one file: their hashes are kept in memory. */
export const PIECES_MAX = 262_144;
/** The JSON of `--pieces` is read whole; as large as a Metalink may be. */
export const PIECES_FILE_MAX_BYTES = 16 * MIB;
/** Pieces that are hashed at a time: the worker has always the next one, and the list of orders stays short. */
export const PIECES_IN_CHECK_MAX = 4;
/** How often one piece may be fetched from each server that is left before it is held to be wrong everywhere. */
export const PIECE_TRIES_PER_SERVER = 2;
/** …and how often in all, while a server that is left never comes to give it: the same bytes are not fetched for ever. */
export const PIECE_TRIES_MAX = 64;
/** A mirror that sends nothing at all for so long while it is sampled has had its say. */
export const SAMPLE_SILENCE_MS = SILENCE_MS;
/** …and as silent as that is one that sends less than this in that time: a trickle would hold up the file's name for ever. */
export const SAMPLE_PACE_BYTES = KIB;
/** How often a mirror’s changed validator is held against its bytes: a balancer shows both of its tags by then. */
export const RECHECKS_MAX = 8;

/** How often counters are read, rates measured and plans looked over. */
export const TICK_MS = 100;
/** An event loop that is at work for such a share of the time is what everything waits for… */
export const BUSY_SHARE = 0.95;
/** …and, since a start or a moment's work keeps it as busy, it has to be so for two ticks in a row. */
export const BUSY_AFTER_MS = 150;
/** A write that takes as long waits for the disk, and not for the processor, which copies a megabyte in a tenth of that. */
export const DISK_WAIT_MS = 5;
/** A tick that comes so late says that nothing ran meanwhile, so that nobody's silence counts… */
export const PAUSE_FORGIVEN_MS = 2_000;
/** …and after so long a time (a machine asleep, a process stopped) connections are dead more often than not. */
export const SLEEP_MS = 60_000;
/** Over how long a rate is averaged: short enough to see a stall, long enough to even out bursts. */
export const RATE_WINDOW_MS = 2_000;

/** A journal record is written when this much is unrecorded, or after `JOURNAL_FLUSH_MS`: what a kill may cost. */
export const JOURNAL_FLUSH_BYTES = 4 * MIB;
export const JOURNAL_FLUSH_MS = 250;
/** How often the part file is fsynced, so that a crash of the machine costs seconds and not the whole. */
export const SYNC_MS = 5_000;
/**
 * So much is summed for the journal on the thread that downloads: between two fsyncs that takes it 130 ms, in steps of
 * a quarter of a millisecond. Beyond it a worker does it, which costs 40 ms and 20 MiB.
 */
export const SUM_HERE_MAX_BYTES = 512 * MIB;
/** A part file that may be another computer's is watched for so long: a download at work writes ten times a second, a slow one less… */
export const ELSEWHERE_WATCH_MS = 2_000;
/** …and is looked at so often. */
export const ELSEWHERE_LOOK_MS = 250;
/** A journal grown past this, and past twice what its ranges need, is written anew. */
export const JOURNAL_REWRITE_BYTES = MIB;
/** One run of bytes in the journal, under one CRC-32, is closed at this: so much is lost where a run does not check out. */
export const RUN_MAX_BYTES = 64 * MIB;
/** The longest record in a journal. Ours do not come near it; a greater length is damage, and is not waited for. */
export const JOURNAL_PAYLOAD_MAX_BYTES = 256 * KIB;
/** A journal is read whole; ours stay far below this, so a larger one is not ours. */
export const JOURNAL_READ_MAX_BYTES = 64 * MIB;

/** Decisions and state changes that the event tap keeps for late readers. */
export const EVENTS_KEPT_MAX = 2_000;
/**
 * The longest `--interval` of plain lines and JSON: timers of more than 24 days fire at once, and who wants fewer lines
 * than one a day wants none.
 */
export const REPORT_INTERVAL_MAX_MS = 24 * 3_600_000;
/** Lines of one story on the screen: more than any screen shows at once. */
export const STORY_LINES_MAX = 100;
/** Plain lines tell of servers that stay away twice a minute: a log of a day with a dead server keeps readable… */
export const LOSS_REMINDER_MS = 30_000;
/** …and name so many of them: a line that one still reads. */
export const LOSSES_NAMED_MAX = 5;
/** How long the end of a download waits for the thread of its view, which may be loading or drawing on a busy machine. */
export const VIEW_END_MS = 2_000;
/** What drawing may take of one core, so that a picture that took long is not followed by the next at once… */
export const VIEW_SHARE_MAX = 0.05;
/** …but a view that moves less often than this seems to stand still. */
export const VIEW_REST_MAX_MS = 250;
/** Segments whose stories the screen keeps: all that can be live, and the last that were. */
export const SEGMENT_STORIES_MAX = 512;
/** Steps of one machine in one turn; xstate's default is without end, and a loop there is a bug. */
export const MACHINE_ITERATIONS_MAX = 10_000;
/** A line of foreign text (a reason phrase, a name) is cut to this on the screen. */
export const FOREIGN_TEXT_MAX = 120;
/** What one line of typing or pasting takes, in characters: a longer URL is none that a server takes. */
export const PROMPT_MAX_CHARACTERS = 4_000;
/** The longest file name of all common file systems, in bytes, less what our own suffixes take. */
export const FILE_NAME_MAX_BYTES = 255 - '.plait-journal-new'.length;

/** Ports that one list may name. */
export const PORTS_MAX = 1_000;
/** The longest `--latency`: no client waits longer for a head. */
export const LATENCY_MAX_MS = 60_000;
/** Servers of one farm: each is a process of about 40 MiB. */
export const FARM_SERVERS_MAX = 50;
/** The latest moment of a fault: timers of more than 24 days fire at once, and no farm is tried for days. */
export const FAULT_MOMENT_MAX_MS = 24 * 3_600_000;
/** How often a farm server shares out its rate: short enough to look smooth, long enough for a timer to keep. */
export const SHAPER_QUANTUM_MS = 10;
/** The longest pause of a farm server that counts as work; after a longer one only a quantum is there. */
export const SHAPER_CREDIT_MS = 50;
/** A farm server whose timer is later than this was stopped, not late, and does not catch up. */
export const SHAPER_LATENESS_MAX_MS = 1_000;
/** The least worth a turn when a small rate is shared. */
export const SHAPER_GRAIN_BYTES = 256;
/** The initial window of `--slow-start`: ten segments of 1,460 bytes (RFC 6928). */
export const SLOW_START_WINDOW_BYTES = 14_600;
/** After so many round trips a new connection has grown to whatever its way carries: ten doublings of its first window are 14 MiB. */
export const SLOW_START_ROUND_TRIPS = 10;
/** Where the window of `--slow-start` stops doubling: beyond any product of rate and round trip here. */
export const SLOW_START_WINDOW_MAX_BYTES = 1024 * MIB;
/** What the farm's `big-head` fills a head with: four times what anyone takes. */
export const BIG_HEAD_BYTES = 64 * KIB;
/** What the farm's `longer-body` adds. */
export const LONGER_BODY_BYTES = KIB;
/** Older versions of its file that a farm server keeps open for responses that began with them. */
export const REPLACED_FILES_MAX = 8;
/** What a farm server reads from its file at once: beyond it, reading gets no faster. */
export const FARM_READ_BYTES = 256 * KIB;
/** Between two bytes of the farm's `trickle` and `slow-head`. */
export const TRICKLE_MS = 1_000;
/** Between two interim responses of the farm's `endless-1xx`: enough to drown a client, not this machine. */
export const INTERIM_EVERY_MS = 5;
/** How often a farm's server reports, and how often its counters are looked at. */
export const FARM_REPORT_MS = 100;
/** Over how long a farm server's rate is averaged. */
export const FARM_RATE_WINDOW_MS = 1_000;
/** What is kept of the last words of a server that crashed, in characters. */
export const CRASH_WORDS_MAX = 2_000;
/** A larger file is served before it is hashed: hashing it takes seconds. */
export const FARM_HASH_FIRST_MAX_BYTES = 1024 * MIB;
/** How often `plait serve --json` tells how each server stands. */
export const FARM_JSON_EVERY_MS = 1_000;

/** What is kept of a run for viewers of the inspector who come late: some ten thousand messages… */
export const CHRONICLE_BYTES_MAX = 16 * MIB;
/** …and of what went before, so many actors that are gone, at three messages each. */
export const CHRONICLE_GONE_MAX = 1_000;
/** How often an actor is shown anew that only the clock has changed: as often as people look at a number… */
export const ROUTINE_SNAPSHOT_MS = 1_000;
/** …and how often one that the clock reaches, where its state has not changed: its knowledge is large and events are many. */
export const UNCHANGED_SNAPSHOT_MS = 250;
/** How deep the inspector shows what an actor knows: a segment in the map is shown, the readings of its rate are only counted… */
export const SHOWN_DEPTH_MAX = 4;
/** …how many entries of one list: all live servers… */
export const SHOWN_ENTRIES_MAX = LIVE_SERVERS_MAX;
/** …how many characters of one text: a redacted URL of usual length… */
export const SHOWN_TEXT_MAX = 300;
/** …and how many values in all, so that no message is larger than some tens of kilobytes. */
export const SHOWN_VALUES_MAX = 1_500;
/** What waits for one viewer of the inspector; one that reads more slowly misses the rest. */
export const VIEWER_BUFFER_BYTES_MAX = 4 * MIB;
/** Messages go to a viewer together, so often: each frame costs a system call here and a wake-up there. */
export const VIEWER_FRAME_MS = 100;
/** Viewers of one inspector at once: each may hold what is kept of the run and its own buffer. */
export const VIEWERS_MAX = 8;
/** How long the end of a command waits for viewers to read the last messages. */
export const FAREWELL_MS = 500;
/** How long it waits for a browser that was opened and has not come yet, so that a short run can be seen at all. */
export const BROWSER_WAIT_MS = 5_000;
/** How long messages are gathered before they are written: each write costs, and so much a kill may cost of a recording. */
export const RECORDER_GATHER_MS = 100;
/** What waits to be written to a recording; a disk that is slower than that misses the rest. */
export const RECORDER_BUFFER_BYTES_MAX = 8 * MIB;
/** How large a recording gets: a day of a busy download, and still something that can be sent to somebody. */
export const RECORDING_BYTES_MAX = 256 * MIB;
/** The longest line that is read from a recording; ours are far shorter. */
export const RECORDING_LINE_MAX = MIB;
/** States of one machine that are drawn, and how deep: charts are for people, and recordings may come from anybody. */
export const CHART_STATES_MAX = 400;
export const CHART_DEPTH_MAX = 16;
/** Where the inspector's page is looked for first, so that a browser's history finds it; any other port will do. */
export const INSPECT_PORT = 7_524;
/** Where receivers of @statelyai/inspect look when they are told nothing. */
export const STATELY_PORT = 8_080;
