import type { en } from './en.js';
import type { enFaults } from './en-faults.js';
import type { NamesOf, Plural } from './message.js';

/** The key of a text. */
export type Word = keyof typeof en;

/** All texts of a language: what English has, a language must have, or it does not compile. */
export type Catalogue = { readonly [Key in Word]: (typeof en)[Key] extends string ? string : Plural };

/** Of them, those of what goes wrong. */
export type Faults = Pick<Catalogue, keyof typeof enFaults>;

type Values<Key extends Word> = NamesOf<(typeof en)[Key]>;

/** What `t` takes beside the key: the values that the English text names, and nothing where it names none. */
export type ValuesOf<Key extends Word> = [Values<Key>] extends [never]
  ? []
  : [values: Readonly<Record<Values<Key>, string | number>>];

/** Words whose text needs no values. */
export type PlainWord = { [Key in Word]: [Values<Key>] extends [never] ? Key : never }[Word];
