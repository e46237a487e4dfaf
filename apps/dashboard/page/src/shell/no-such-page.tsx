import { EmptyState } from '../parts/states.js';
import { Link } from '../router/link.js';
import { useWords } from '../words/words-context.js';
import { useTitle } from './use-title.js';

export function NoSuchPage() {
  const { t } = useWords();
  useTitle(t('page.missing'));
  return (
    <>
      <h1 className="page-title">{t('page.missing')}</h1>
      <EmptyState title={t('page.missingText')}>
        <Link className="button" to="">
          {t('nav.overview')}
        </Link>
      </EmptyState>
    </>
  );
}
