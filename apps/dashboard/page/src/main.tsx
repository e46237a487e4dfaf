import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/page.css';
import './styles/figures.css';
import './styles/live.css';
import './styles/table.css';
import './styles/states.css';
import './styles/shell.css';
import './styles/meeting.css';
import './styles/people.css';
import './styles/cards.css';
import './styles/score.css';
import './styles/dialog.css';
import './styles/talk.css';
import './styles/timeline.css';
import './styles/print.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './api/query-client.js';
import { App } from './shell/app.js';
import { keptTheme, showTheme } from './shell/theme.js';
import { LANGUAGES, preferredLanguage } from './words/languages.js';
import { WordsProvider } from './words/words-context.js';

showTheme(keptTheme());
const language = preferredLanguage();
const catalogue = await LANGUAGES[language].load();
const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no element "page"');
createRoot(place).render(
  <QueryClientProvider client={makeQueryClient()}>
    <WordsProvider first={language} catalogue={catalogue}>
      <App />
    </WordsProvider>
  </QueryClientProvider>,
);
