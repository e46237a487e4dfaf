import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Catalogue, ValuesOf, Word } from './catalogue.js';
import { type Formats, formatsOf } from './formats.js';
import { keepLanguage, LANGUAGES, type Language, regionalTag } from './languages.js';
import { fill } from './message.js';

export interface Words {
  readonly language: Language;
  /** The text of a key, with its values. */
  t<Key extends Word>(key: Key, ...values: ValuesOf<Key>): string;
  readonly format: Formats;
  /** Keeps the language for this browser. */
  choose(language: Language): void;
}

const Context = createContext<Words | null>(null);

export function WordsProvider(props: { first: Language; catalogue: Catalogue; children: ReactNode }) {
  const [spoken, setSpoken] = useState({ language: props.first, catalogue: props.catalogue });
  useEffect(() => {
    document.documentElement.lang = spoken.language;
  }, [spoken.language]);
  const words = useMemo(
    (): Words => ({
      language: spoken.language,
      t: (key, ...[values]) => fill(spoken.catalogue[key], values ?? {}, regionalTag(spoken.language)),
      format: formatsOf(regionalTag(spoken.language)),
      choose(language) {
        keepLanguage(language);
        void LANGUAGES[language].load().then((catalogue) => setSpoken({ language, catalogue }));
      },
    }),
    [spoken],
  );
  return <Context value={words}>{props.children}</Context>;
}

export function useWords(): Words {
  const words = useContext(Context);
  if (words === null) throw new Error('useWords needs a WordsProvider around it');
  return words;
}
