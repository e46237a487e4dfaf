import type { Catalogue } from './catalogue.js';

/** The languages by their tags: their own name, and their texts. A further language is a file like `en.ts` and a line here. */
export const LANGUAGES = {
  en: { name: 'English', load: async (): Promise<Catalogue> => (await import('./en.js')).en },
  fr: { name: 'Français', load: async (): Promise<Catalogue> => (await import('./fr.js')).fr },
  es: { name: 'Español', load: async (): Promise<Catalogue> => (await import('./es.js')).es },
} as const;

export type Language = keyof typeof LANGUAGES;

const KEPT = 'bbb-activity.language';

/** The language that was chosen here before, else the first of the browser's that there is, else English. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  return wanted.find(isLanguage) ?? 'en';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

/** The tag that numbers and times are written by: with the reader's region where the browser tells one of this language, such as `en-GB`. */
export function regionalTag(language: Language): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
}

export function isLanguage(tag: string | null): tag is Language {
  return tag !== null && Object.hasOwn(LANGUAGES, tag);
}
