import { Icon } from '../parts/icon.js';
import { useWords } from '../words/words-context.js';
import { useTitle } from './use-title.js';

/** In the place of a page that could not be drawn. */
export function BrokenPage() {
  const { t } = useWords();
  useTitle(t('page.broken'));
  return (
    <>
      <h1 className="page-title">{t('page.broken')}</h1>
      <div className="state state-error" role="alert">
        <Icon name="warn" />
        <p className="state-title">{t('page.brokenText')}</p>
        <div className="state-more">
          <button type="button" className="button" onClick={() => location.reload()}>
            {t('page.reload')}
          </button>
        </div>
      </div>
    </>
  );
}
