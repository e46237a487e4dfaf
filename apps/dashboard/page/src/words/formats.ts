/** Numbers and times as the reader's language writes them, in the reader's own zone. Times are ISO texts or unix ms. */
export interface Formats {
  number(value: number): string;
  /** `92 %` of 0.921. */
  percent(share: number): string;
  date(at: string | number): string;
  dateTime(at: string | number): string;
  /** From a moment to another: the day once where both are of it. */
  range(from: string | number, to: string | number): string;
  time(at: string | number): string;
  timeWithSeconds(at: string | number): string;
  /** `3:54`, or `27 Nov, 3:54` where it is of another day than `day`. */
  timeSince(day: string | number, at: string | number): string;
  /** The same with seconds. */
  timeWithSecondsSince(day: string | number, at: string | number): string;
  /** `27 Nov`. */
  dayOfMonth(at: string | number): string;
}

/** `27:03:09`: hours go on beyond 24, and are the same in every language. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Makes the formatters once: they are dear to make and cheap to use. */
export function formatsOf(language: string): Formats {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  const timeWithSeconds = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const day = { day: 'numeric', month: 'short' } as const;
  const dayOfMonth = new Intl.DateTimeFormat(language, day);
  const dayAndTime = new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit' });
  const dayAndSeconds = new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const dated = (format: Intl.DateTimeFormat) => (at: string | number) => format.format(new Date(at));
  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    date: dated(date),
    dateTime: dated(dateTime),
    range: (from, to) => dateTime.formatRange(new Date(from), new Date(to)),
    time: dated(time),
    timeWithSeconds: dated(timeWithSeconds),
    timeSince: (from, at) => (sameDay(from, at) ? time : dayAndTime).format(new Date(at)),
    timeWithSecondsSince: (from, at) => (sameDay(from, at) ? timeWithSeconds : dayAndSeconds).format(new Date(at)),
    dayOfMonth: dated(dayOfMonth),
  };
}

/** Whether two moments are of one day of the reader's zone. */
export function sameDay(one: string | number, other: string | number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
