import { describe, expect, it } from 'vitest';
import { en } from '../../../apps/dashboard/page/src/words/en.js';
import { es } from '../../../apps/dashboard/page/src/words/es.js';
import { clock, formatsOf } from '../../../apps/dashboard/page/src/words/formats.js';
import { fr } from '../../../apps/dashboard/page/src/words/fr.js';
import { fill, type Message } from '../../../apps/dashboard/page/src/words/message.js';

type Texts = Readonly<Record<string, Message>>;

const namesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
const formsOf = (message: Message | undefined) => (typeof message === 'string' ? [message] : Object.values(message ?? {}));

describe('the texts of the page', () => {
  it.each<[string, Texts]>([
    ['fr', fr],
    ['es', es],
  ])('name in %s the values that the English ones do, in every form', (_language, texts) => {
    const english: Texts = en;
    for (const [key, message] of Object.entries(english)) {
      const wanted = new Set(formsOf(message).flatMap(namesIn));
      for (const form of formsOf(texts[key])) expect(wanted, key).toEqual(new Set(namesIn(form)));
    }
  });

  it('take the form that the language has for the number, and write numbers as it does', () => {
    expect(fill(fr['people.shown'], { count: 0 }, 'fr')).toBe('0 participant');
    expect(fill(en['people.shown'], { count: 0 }, 'en')).toBe('0 participants');
    expect(fill(en['people.shown'], { count: 1 }, 'en')).toBe('1 participant');
    expect(fill(es['people.shown'], { count: 12_345 }, 'es')).toBe('12.345 participantes');
    expect(fill(en['running.since'], { time: '10:00' }, 'en')).toBe('since 10:00');
  });

  it('write times with their day where it is not that of the beginning', () => {
    const { range, timeSince, timeWithSecondsSince } = formatsOf('en-GB');
    const began = new Date(2026, 10, 26, 22, 54).getTime();
    const later = new Date(2026, 10, 28, 3, 54).getTime();
    expect(timeSince(began, began)).toBe('22:54');
    expect(timeSince(began, later)).toBe('28 Nov, 03:54');
    expect(timeWithSecondsSince(began, later)).toBe('28 Nov, 03:54:00');
    expect(range(began, later)).toMatch(/26 Nov 2026, 22:54\s–\s28 Nov 2026, 03:54/);
    expect(range(began, began + 3_600_000)).toMatch(/26 Nov 2026, 22:54\s?–\s?23:54/);
  });

  it('write durations with hours that go on beyond a day', () => {
    expect([0, 59.9, 3_661, 97_389, -5].map(clock)).toEqual(['0:00:00', '0:00:59', '1:01:01', '27:03:09', '0:00:00']);
  });
});
