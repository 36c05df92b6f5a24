/**
 * The 96 faults that a downloader meets, each with what is right and where that is proved. `test` is the name of a
 * test (or its pattern, where it runs over a table) as it stands in `file`; `row` is the word of that table.
 */

export interface Proof {
  /** Below test/. */
  readonly file: string;
  readonly test: string;
  readonly row?: string;
}

export interface FaultCase {
  readonly fault: string;
  readonly right: string;
  readonly proofs: readonly Proof[];
}

const proof = (file: string, test: string, row?: string): Proof => (row === undefined ? { file, test } : { file, test, row });

const wrongHead = (row: string): Proof => proof('net/lane-faults.test.ts', '%s', row);
const refusedHead = (row: string): Proof => proof('net/check-response.test.ts', '%s', row);
const headParser = (row: string): Proof => proof('net/response-head.test.ts', '%j', row);
const besideGood = (row: string): Proof => proof('e2e/bad-servers.test.ts', 'one server of three with %s neither spoils the file nor stops it', row);
const alone = (row: string): Proof => proof('e2e/bad-servers.test.ts', 'a download whose only server has %s ends with 3, names it, and leaves no file', row);
const aloneExact = (row: string): Proof => proof('e2e/bad-servers.test.ts', 'a download whose only server has %s is exact all the same', row);
const takenAway = (row: string): Proof => proof('e2e/get.test.ts', 'a server that stalls, trickles, is slow, resets, breaks off or dies has its ranges taken away', row);
const wrongUsage = (row: string): Proof => proof('e2e/bad-input.test.ts', '%s', row);
const here = (file: string, test: string): Proof => proof(`cases/${file}.test.ts`, test);

export const CASES: Readonly<Record<number, FaultCase>> = {
  1: {
    fault: 'a server dies mid-body',
    right: 'the prefix is kept, the rest comes from elsewhere',
    proofs: [takenAway('die@25%'), proof('e2e/get.test.ts', 'a server that is killed midway costs nothing but its speed'), proof('e2e/server-kills.test.ts', 'a server killed at any moment leaves an exact file and nothing else')],
  },
  2: { fault: 'a reset', right: 'the same', proofs: [takenAway('reset@25%'), besideGood('reset'), aloneExact('reset')] },
  3: {
    fault: 'a FIN short of Content-Length',
    right: 'an error, never an end',
    proofs: [proof('net/lane-faults.test.ts', 'an early close is closed-early, with the prefix kept'), takenAway('early-fin@25%'), aloneExact('early-fin')],
  },
  4: {
    fault: 'no length at all',
    right: 'believed only if the size is reached',
    proofs: [proof('net/lane-faults.test.ts', 'a body without any length is believed only if it reaches the range’s end'), proof('net/library-transfer.test.ts', 'of a known size is not complete before it, and an endless body stops at it'), aloneExact('no-length')],
  },
  5: { fault: 'a stall', right: 'the range is taken away', proofs: [takenAway('stall@25%')] },
  6: { fault: 'a byte a second', right: 'the range is taken away', proofs: [takenAway('trickle@25%')] },
  7: { fault: 'a wrong Content-Range', right: 'discarded, a strike', proofs: [wrongHead('a 206 beyond what was asked'), besideGood('wrong-range'), alone('wrong-range')] },
  8: { fault: 'a 206 that is off by one', right: 'discarded', proofs: [wrongHead('a 206 off by one'), besideGood('off-by-one'), alone('off-by-one')] },
  9: { fault: 'a Content-Length unlike its range', right: 'discarded', proofs: [wrongHead('a length unlike its range'), besideGood('wrong-length')] },
  10: { fault: 'a 206 without Content-Range', right: 'discarded', proofs: [wrongHead('a 206 without Content-Range'), besideGood('no-content-range')] },
  11: {
    fault: 'another total',
    right: 'it is not this file',
    proofs: [wrongHead('another total'), besideGood('other-total'), proof('e2e/finding-servers.test.ts', 'two of three decide on the size: the third is refused by name, and the file is theirs')],
  },
  12: { fault: '200 for a range', right: 'aborted at the head; one stream only where it is the only source', proofs: [wrongHead('200 for a range'), besideGood('no-range'), aloneExact('no-range')] },
  13: { fault: 'an earlier start', right: 'dropped', proofs: [wrongHead('a 206 from earlier')] },
  14: { fault: 'a longer body', right: 'cut, and its socket destroyed', proofs: [proof('net/lane-faults.test.ts', 'a longer body is cut at its length and its socket is not used again'), besideGood('longer-body')] },
  15: { fault: 'the right range with shifted bytes', right: 'a hash or a sample catches it', proofs: [here('wrong-bytes', 'case 15: right headers over shifted bytes are found out by samples, and refused')] },
  16: { fault: 'one flipped byte', right: 'that piece again, the mirror quarantined', proofs: [proof('trust/pieces.test.ts', 'convict server %i, that spoils bytes, and leave an exact file'), proof('trust/commands.test.ts', '--pieces finds the byte that one server spoils, and says who it was')] },
  17: {
    fault: 'an entity tag that changes midway',
    right: 'writing stops, the plan begins anew, versions are never mixed',
    proofs: [proof('net/lane-faults.test.ts', 'a version that changes midway ends the writing'), proof('e2e/get.test.ts', 'servers that change their file midway never give a mixed one'), proof('e2e/get.test.ts', 'one server of three that changes its file midway is left out')],
  },
  18: { fault: 'a weak tag', right: 'it is no validator', proofs: [proof('net/header-rules.test.ts', '%s', 'a weak tag'), aloneExact('weak-tag'), besideGood('weak-tag')] },
  19: { fault: 'the same size with other content', right: 'refused before its bytes count', proofs: [proof('trust/admission.test.ts', 'never reaches the file where most have another: the liar is named %s')] },
  20: { fault: 'If-Range ignored', right: 'the tag is compared all the same', proofs: [refusedHead('another tag'), refusedHead('a whole file of another version'), proof('net/lane-faults.test.ts', 'a version that changes midway ends the writing')] },
  21: { fault: 'gzip despite identity', right: 'refused', proofs: [wrongHead('gzip despite identity'), besideGood('gzip'), alone('gzip')] },
  22: { fault: 'a thousand codings', right: 'refused unread', proofs: [refusedHead('a thousand codings')] },
  23: {
    fault: 'a chunked 206',
    right: 'counted',
    proofs: [proof('net/library-transfer.test.ts', 'is counted, and the mirror’s later parts go the same way at once'), proof('net/library-transfer.test.ts', 'that is longer than its range is cut at the range'), aloneExact('chunked')],
  },
  24: { fault: 'multipart', right: 'refused', proofs: [wrongHead('a multipart answer'), besideGood('multipart'), alone('multipart')] },
  25: {
    fault: '416',
    right: 'it tells the size anew',
    proofs: [proof('net/lane-faults.test.ts', 'an empty file is known by %s', 'a 416 that tells it'), refusedHead('416 with another size'), wrongHead('416 for bytes that are there'), besideGood('416')],
  },
  26: { fault: 'the file shrinks', right: 'that source is out', proofs: [here('changing-files', 'case %i: a server whose file %ss midway is out, and what it gave of the old version is no harm'), besideGood('shrink')] },
  27: { fault: 'the file grows', right: 'that source is out', proofs: [here('changing-files', 'case %i: a server whose file %ss midway is out, and what it gave of the old version is no harm'), besideGood('grow')] },
  28: { fault: 'HEAD is refused', right: 'it is never sent: the probe is a ranged GET', proofs: [besideGood('head-refused'), aloneExact('head-refused'), proof('e2e/polite.test.ts', 'every request says who asks, asks for the bytes as they are, and for one range')] },
  29: { fault: '429 with seconds', right: 'honoured by server', proofs: [proof('e2e/polite.test.ts', 'Retry-After is kept to: %s', '429 in seconds')] },
  30: { fault: '429 with a date', right: 'honoured by server', proofs: [proof('e2e/polite.test.ts', 'Retry-After is kept to: %s', '429 as a date'), refusedHead('503 with a date')] },
  31: {
    fault: 'a Retry-After that is absurd or garbage',
    right: 'capped, or not there',
    proofs: [proof('net/header-rules.test.ts', 'Retry-After %j', "'99999999999999999999'"), proof('plan/decisions.test.ts', 'Retry-After is honoured, up to an hour'), besideGood('retry-after=soon')],
  },
  32: {
    fault: '503 for ever',
    right: 'bounded pauses with jitter',
    proofs: [proof('e2e/polite.test.ts', 'a server that answers with %s is asked once a second at most, while another delivers', '503 without end'), proof('plan/decisions.test.ts', 'a failing server is asked at most once a second, and found within five seconds of its return'), here('long-times', 'case 32: a server that says 503 for ten minutes is asked less than once a second, and never in step')],
  },
  33: { fault: '404 on one', right: 'that one is out', proofs: [proof('e2e/finding-servers.test.ts', 'a server that says 404 or 403 is not asked again, and the others deliver')] },
  34: { fault: '401 and 403', right: 'no storm', proofs: [proof('e2e/finding-servers.test.ts', 'a server that says 404 or 403 is not asked again, and the others deliver'), alone('401'), alone('403')] },
  35: { fault: 'a redirect loop', right: '10, then out', proofs: [proof('net/redirect-lease.test.ts', '%s', 'a loop'), proof('net/addresses.test.ts', 'the eleventh is one too many'), alone('redirect-loop')] },
  36: { fault: 'https to http', right: 'refused', proofs: [proof('e2e/trust.test.ts', 'https is not left for http by a redirect')] },
  37: { fault: 'to file:, ftp:, data:', right: 'refused', proofs: [proof('net/redirect-lease.test.ts', '%s', 'to data'), besideGood('redirect=file:///etc/passwd'), alone('redirect=ftp://127.0.0.1/')] },
  38: { fault: 'a captive portal’s HTML', right: 'refused', proofs: [here('portal', 'case 38: a web page where an .iso was asked for is no file, also from the only server'), besideGood('portal'), proof('e2e/polite.test.ts', 'a login page instead of the file is refused, and asked for no more than a few times')] },
  39: { fault: 'a garbage status line', right: 'discarded, a strike', proofs: [wrongHead('garbage'), besideGood('garbage'), alone('garbage')] },
  40: { fault: 'a head over 16 KiB', right: 'refused', proofs: [wrongHead('a head without end'), besideGood('big-head'), alone('big-head')] },
  41: { fault: 'a slow head', right: 'given up after ten seconds; others do not wait for it', proofs: [here('silence', 'case 41: a head that comes a byte a second holds nobody up'), proof('machines/segment.test.ts', 'whose server does not answer in time is cancelled as such')] },
  42: { fault: 'endless 1xx', right: 'eight, then refused', proofs: [wrongHead('interim responses without end'), besideGood('endless-1xx'), alone('endless-1xx')] },
  43: { fault: 'Content-Length and Transfer-Encoding, two Content-Lengths', right: 'refused, closed', proofs: [wrongHead('both lengths'), wrongHead('two lengths'), headParser('Content-Length: 5\\r\\nContent-Length: 6'), besideGood('two-lengths'), besideGood('length-and-te')] },
  44: { fault: 'bytes on an idle socket', right: 'it is destroyed', proofs: [proof('net/lane-faults.test.ts', 'bytes on an idle socket cut it'), besideGood('idle-bytes'), aloneExact('idle-bytes')] },
  45: { fault: 'the keep-alive race', right: 'one free retry', proofs: [proof('net/lane-faults.test.ts', 'a socket closed just as it is used again costs nothing: one free retry on a fresh one')] },
  46: { fault: 'an expired certificate', right: 'closed, the others go on', proofs: [proof('net/tls.test.ts', 'an expired certificate is refused')] },
  47: { fault: 'a certificate of another host', right: 'closed, the others go on', proofs: [proof('net/tls.test.ts', 'a certificate for another host is refused'), proof('e2e/trust.test.ts', 'of several mirrors, those whose certificate is of another name or authority are left out and named')] },
  48: { fault: 'a self-signed certificate', right: 'closed, the others go on', proofs: [proof('net/tls.test.ts', 'a stranger’s certificate is refused before a word is said'), proof('e2e/trust.test.ts', 'a certificate of an authority that --ca names is trusted; without it nothing is fetched and the sentence says why')] },
  49: { fault: 'a host that nobody knows', right: 'named; the others go on', proofs: [here('unreachable', 'case 49: a host that nobody knows is named, and the others deliver')] },
  50: { fault: 'refused', right: 'asked again while --wait lasts', proofs: [proof('net/socket-faults.test.ts', 'a port where nobody listens refuses'), proof('e2e/finding-servers.test.ts', 'while nothing listens it says so, and takes in the servers that appear, one after the other')] },
  51: { fault: 'accepted, then closed', right: 'backed off from', proofs: [besideGood('refuse'), proof('e2e/polite.test.ts', 'a server that answers with %s is asked once a second at most, while another delivers', 'a connection that is cut')] },
  52: { fault: 'a black-holed IPv6', right: 'the other family is used', proofs: [here('unreachable', 'case 52: a host whose IPv6 address swallows everything is reached by IPv4')] },
  53: { fault: 'all down, one back after 60 s, with --wait 2m', right: 'it goes on unaided', proofs: [here('long-times', 'case 53: all down for a minute, one back: it goes on by itself')] },
  54: { fault: 'all down past the deadline', right: 'exit 3, everything kept', proofs: [here('long-times', 'case 54: all down past the deadline: it gives up with no-server and keeps what came'), proof('e2e/finding-servers.test.ts', 'when all servers are gone past --wait it exits with 3, and what came is kept and gone on from')] },
  55: { fault: 'an endless body', right: 'it stops at the size', proofs: [proof('net/library-transfer.test.ts', 'of a known size is not complete before it, and an endless body stops at it'), proof('net/library-transfer.test.ts', 'that is longer than its range is cut at the range')] },
  56: { fault: 'two mirrors agree on bad bytes', right: 'the hash fails, no final file', proofs: [here('wrong-bytes', 'case 56: two mirrors that agree on bad bytes fail the hash: exit 4, and no final name')] },

  57: { fault: 'SIGKILL at each file call', right: 'an exact resume', proofs: [proof('crash/file-calls.test.ts', 'case 57: kill -9 at every %s of a small download: the resume is exact'), proof('store/processes.test.ts', '%s at each %s: the final name leads to the whole file or to nothing, and the next try succeeds', "'signal=SIGKILL', 'pwrite64'")] },
  58: { fault: 'SIGINT once and twice', right: 'save and go; out within 1 s', proofs: [proof('e2e/client-kills.test.ts', '%s ends it with %i, keeps everything received, and the resume is exact', 'SIGINT'), proof('e2e/client-kills.test.ts', 'a second SIGINT does not wait for the saving, and what is there can be resumed')] },
  59: { fault: 'SIGTERM', right: 'save and go, 143', proofs: [proof('e2e/client-kills.test.ts', '%s ends it with %i, keeps everything received, and the resume is exact', 'SIGTERM')] },
  60: { fault: 'SIGHUP, EPIPE', right: 'saved, 129 and 141', proofs: [proof('e2e/client-kills.test.ts', '%s ends it with %i, keeps everything received, and the resume is exact', 'SIGHUP'), proof('e2e/client-kills.test.ts', 'a reader of the output that goes away ends it with 141, says so and loses nothing')] },
  61: { fault: 'stop and continue', right: 'it goes on', proofs: [proof('signals/stop-and-continue.test.ts', 'case 61: stopped and continued, it goes on to an exact file')] },
  62: { fault: 'no space, before and midway', right: 'paused or exit 5, resumable', proofs: [proof('crash/full-disk.test.ts', 'case 62: a disk that is full from the start: exit 5, and nothing under the name'), proof('crash/full-disk.test.ts', 'case 62: a disk that fills midway: everything is kept, and with room the same command finishes')] },
  63: { fault: 'EFBIG, EDQUOT', right: 'exit 5, resumable', proofs: [proof('crash/full-disk.test.ts', 'case 63: a file over the limit of the process (EFBIG): exit 5, kept, and finished without the limit'), proof('crash/file-calls.test.ts', 'case 63, 64: %s at every %s ends loudly, never with exit 0 and a bad file', 'EDQUOT')] },
  64: { fault: 'EIO on write, on fsync', right: 'loud', proofs: [proof('crash/file-calls.test.ts', 'case 63, 64: %s at every %s ends loudly, never with exit 0 and a bad file', "'EIO', 'fsync'")] },
  65: { fault: 'a short write', right: 'the loop goes on behind it', proofs: [proof('crash/file-calls.test.ts', 'case 65: a write that takes 100 bytes of many is gone on with behind them')] },
  66: { fault: 'a folder that is read-only or vanishes', right: 'exit 5', proofs: [proof('crash/folders.test.ts', 'case 66: a read-only disk: exit 5 before a byte is asked for'), proof('crash/folders.test.ts', 'case 66: a folder that vanishes midway: exit 5, and no file appears elsewhere')] },
  67: { fault: 'the target exists', right: 'refused, never truncated', proofs: [proof('e2e/bad-input.test.ts', 'a file that exists: exit 6, untouched; replaced with --force'), proof('store/open-store.test.ts', 'loses the race against a file that comes at the last moment without replacing it')] },
  68: { fault: 'the final path is a folder, a link or a pipe', right: 'refused', proofs: [proof('e2e/bad-input.test.ts', 'a link is refused (%j), and what it points to stays'), proof('e2e/bad-input.test.ts', 'a folder under the file’s name is refused (%j)'), proof('e2e/bad-input.test.ts', 'a pipe is refused (%j), and nobody waits on it')] },
  69: { fault: 'the clock jumps a year', right: 'timers are monotonic', proofs: [proof('signals/clock-jumps.test.ts', 'case 69: the wall clock jumps by a year, forth and back, and nothing comes of it')] },
  70: { fault: 'suspended for 8 h', right: 'reconnected, no strikes', proofs: [here('sleep', 'case 70: after eight hours of sleep every lane is made anew, and no server has a strike')] },
  71: { fault: 'two at one target', right: 'the second leaves with 6', proofs: [proof('e2e/bad-input.test.ts', 'a target that another plait is at: exit 6, and the first goes on undisturbed')] },
  72: { fault: 'a stale lock, a reused pid', right: 'recovered', proofs: [proof('store/processes.test.ts', 'the second is told so, and takes over as soon as the first is killed (as on'), proof('e2e/client-kills.test.ts', 'kill -9 at any moment leaves what can be resumed to an exact file')] },
  73: { fault: 'a journal cut at any byte', right: 'its valid prefix', proofs: [proof('store/journal-format.test.ts', 'a journal cut at any byte gives a prefix of its records, and the whole gives all'), proof('crash/spoilt-journal.test.ts', 'case 73: a journal cut at some byte is gone on from exactly')] },
  74: { fault: 'a bit flipped in it', right: 'detected', proofs: [proof('store/journal-format.test.ts', 'any flipped bit is detected: neither its record nor a later one is believed'), proof('crash/spoilt-journal.test.ts', 'case 74: a journal with a flipped bit is gone on from exactly, or refused')] },
  75: { fault: 'a journal of another file', right: 'never mixed', proofs: [proof('e2e/client-kills.test.ts', 'a journal of another version of the file is not mixed with the new one'), proof('store/resume.test.ts', 'of another file size: the caller has to start over, and then nothing old is left')] },
  76: { fault: 'a journal of a newer version', right: 'refused, nothing touched', proofs: [proof('store/resume.test.ts', '%s', 'of a newer version'), proof('crash/spoilt-journal.test.ts', 'case 76: a journal of a newer version: exit 6, and not a byte of it is touched')] },
  77: { fault: 'the part file is cut or replaced', right: 'checked again', proofs: [proof('store/resume.test.ts', 'replaced by a copy: checked, and what is right counts'), proof('store/resume.test.ts', 'cut: what is left of it counts'), proof('crash/spoilt-journal.test.ts', 'case 77: a part file that was %s between two runs is checked, and the end is exact')] },
  78: { fault: 'the final hash is wrong', right: 'no final name; with piece hashes the bad pieces are found', proofs: [proof('e2e/trust.test.ts', 'a wrong one ends with 4: no file under the name, the bytes set aside and never gone on from'), here('wrong-bytes', 'case 78: with a hash of the whole alone, a mirror with %s ends in the exact file or in exit 4'), proof('trust/pieces.test.ts', 'convict server %i, that spoils bytes, and leave an exact file')] },
  79: { fault: 'EMFILE', right: 'fewer lanes', proofs: [proof('signals/few-descriptors.test.ts', 'case 79: with few descriptors it makes do with fewer lanes')] },
  80: { fault: 'a terminal of 1×1, none, NO_COLOR', right: 'no crash, no codes', proofs: [proof('signals/terminals.test.ts', 'case 80: %s')] },

  81: { fault: 'a bad URL', right: 'exit 2', proofs: [wrongUsage('no URL at all'), wrongUsage('another scheme'), wrongUsage('a URL without a host')] },
  82: { fault: 'the same URL twice (case, port, dots)', right: 'once', proofs: [proof('e2e/finding-servers.test.ts', 'one server under two spellings is one server'), proof('net/addresses.test.ts', '%s is the same mirror as %s')] },
  83: { fault: 'no URL', right: 'exit 2', proofs: [wrongUsage('no URL')] },
  84: { fault: 'ten thousand URLs', right: 'bounded', proofs: [proof('polite/many-mirrors.test.ts', 'case 84: ten thousand mirrors: few are live, few sockets are open, and memory is bounded')] },
  85: { fault: '0 bytes', right: 'an empty file', proofs: [proof('e2e/sizes.test.ts', 'a file of %i bytes from five servers is exact', '[0, 1, 2'), proof('e2e/sizes.test.ts', 'a file of %i bytes with a checksum is proved')] },
  86: { fault: '1 byte', right: 'exact', proofs: [proof('e2e/sizes.test.ts', 'a file of %i bytes from five servers is exact', '[0, 1, 2')] },
  87: { fault: 'an unknown size', right: 'one stream, no resume, said so', proofs: [proof('e2e/sizes.test.ts', 'a size that nobody tells (%s) is one stream, said so, and exact'), proof('e2e/sizes.test.ts', 'a stream of unknown size that is cut off is not taken for the file')] },
  88: { fault: 'a size over 2^53', right: 'refused', proofs: [proof('net/header-rules.test.ts', 'Content-Range %j', "'bytes 0-9007199254740991/9007199254740992', null"), here('odd-requests', 'case 88: a file of more than 2^53 bytes is refused: %s')] },
  89: { fault: 'prime sizes', right: 'exact', proofs: [proof('e2e/sizes.test.ts', 'a file of %i bytes from five servers is exact', '3_145_739')] },
  90: { fault: '[::1]', right: 'reached', proofs: [here('odd-requests', 'case 90: an IPv6 literal is a server like any other'), proof('net/socket-faults.test.ts', 'an IPv6 literal is reached without its brackets')] },
  91: { fault: 'IDN, NFC and NFD names', right: 'one host, one name', proofs: [proof('net/addresses.test.ts', '%s is the same mirror as %s', 'münchen'), here('odd-requests', 'case 91: a name is the same file in NFC and NFD')] },
  92: { fault: 'user:p%40ss@', right: 'sent to that origin at once, and to no other', proofs: [proof('e2e/trust.test.ts', 'user and password of a URL are sent to that server at once, and to no other')] },
  93: { fault: 'CR, LF, NUL in a URL or a header', right: 'exit 2', proofs: [wrongUsage('a control character in the URL'), wrongUsage('a header with a line end'), proof('net/addresses.test.ts', 'the header %j: %j is refused', "['X', 'a\\0b']")] },
  94: { fault: 'an odd Content-Disposition', right: 'a safe name in the target’s folder', proofs: [proof('net/header-rules.test.ts', 'Content-Disposition %j', '..%2fevil'), proof('net/header-rules.test.ts', 'a name of 10 KB keeps its extension and its characters whole'), proof('secrets/hostile-names.test.ts', 'ten thousand hostile names: one safe component each, and no control byte')] },
  95: { fault: 'a Metalink with DOCTYPE, a wrong piece count, only MD5, two files, ../', right: 'nothing in it is followed', proofs: [here('odd-requests', 'case 95: a Metalink is a file like any other: no name, URL or entity in it is followed'), proof('trust/pieces.test.ts', 'are refused in one sentence: %s'), proof('trust/pieces.test.ts', 'of another file, %s, end with exit 4 and a sentence that says how many there are', 'too few')] },
  96: { fault: 'more lanes than bytes', right: 'exact', proofs: [here('odd-requests', 'case 96: more lanes than bytes'), proof('e2e/sizes.test.ts', 'a file of %i bytes from five servers is exact', '[0, 1, 2')] },
};
