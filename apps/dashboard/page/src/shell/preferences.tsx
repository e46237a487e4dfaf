import { useState } from 'react';
import { Icon } from '../parts/icon.js';
import { isLanguage, LANGUAGES } from '../words/languages.js';
import { useWords } from '../words/words-context.js';
import { keptTheme, showTheme, THEMES, type Theme } from './theme.js';

const ICONS = { system: 'auto', light: 'sun', dark: 'moon' } as const;

/** The reader's language and theme. */
export function Preferences() {
  const { t, language, choose } = useWords();
  const [theme, setTheme] = useState(keptTheme);
  const next: Theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <div className="preferences">
      <label>
        <span className="hidden">{t('preferences.language')}</span>
        <select
          className="select select-quiet"
          value={language}
          onChange={({ target }) => isLanguage(target.value) && choose(target.value)}
        >
          {Object.entries(LANGUAGES).map(([tag, { name }]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button button-quiet button-icon"
        onClick={() => {
          showTheme(next);
          setTheme(next);
        }}
        aria-label={t('preferences.theme', { theme: t(`preferences.theme.${theme}`) })}
        title={t('preferences.theme', { theme: t(`preferences.theme.${theme}`) })}
      >
        <Icon name={ICONS[theme]} />
      </button>
    </div>
  );
}
