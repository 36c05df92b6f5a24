/** Dates in HTTP headers (RFC 9110 §5.6.7): the one form in use and the two old ones. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const IMF_FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/u;
const RFC_850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/u;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/u;

/** A two-digit year that seems more than 50 years ahead is one of the last century (RFC 9110 §5.6.7). */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

/** Milliseconds since 1970 of an HTTP date, or null where it is none. `nowMs` only settles two-digit years. */
export function parseHttpDate(text: string, nowMs: number): number | null {
  const parts = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (parts === undefined) return null;
  const month = MONTHS.indexOf(parts['month'] ?? '');
  const day = Number(parts['day']);
  const yearText = parts['year'] ?? '';
  const year = yearText.length === 2 ? fullYear(Number(yearText), nowMs) : Number(yearText);
  const [hour = 99, minute = 99, second = 99] = (parts['time'] ?? '').split(':').map(Number);
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  // Date.UTC rolls 31 June over to July; such a day never was.
  return new Date(Date.UTC(year, month, day)).getUTCDate() === day ? ms : null;
}
